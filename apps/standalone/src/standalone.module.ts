import { type DynamicModule, Module } from '@nestjs/common';
import { BusModule } from '@parley/bus';
import { ConfigModule, type Environment } from '@parley/config';
import { Database, DatabaseModule } from '@parley/database';
import { GatewayModule } from '@parley/gateway';
import { MessagingModule } from '@parley/messaging';
import { HealthModule } from '@parley/observability';
import { PresenceModule } from '@parley/presence';
import { standaloneSlices } from './standalone.environment';
import { StandaloneMedia } from './standalone.media';

/** All services in one process, on the in-process bus. What runs here is what runs in the cluster; only the adapters differ. */
@Module({})
export class StandaloneModule {
  /** @throws ConfigError that lists all problems of `env`. */
  static forRoot(env: Environment): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        ConfigModule.forRoot(standaloneSlices, env),
        HealthModule.forRoot({
          inject: [Database],
          indicators: (database: Database) => [{ name: 'postgres', needed: true, isUp: () => database.takesWrites() }],
        }),
        DatabaseModule.forRoot(),
        BusModule.inProcess(),
        MessagingModule,
        PresenceModule.inMemory(),
        StandaloneMedia,
        GatewayModule,
      ],
    };
  }
}
