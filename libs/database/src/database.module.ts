import { DatabaseConfig } from '@parley/config';
import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConnectionPool } from './connection/connection.pool';
import { Database } from './database';
import { PrismaService } from './prisma/prisma.service';

/** Gives every module {@link Database} and {@link PrismaService}, on one pool. Needs the ConfigModule with DatabaseConfig. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly prisma: PrismaService,
  ) {}

  static forRoot(): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: ConnectionPool,
          useFactory: (config: DatabaseConfig) => new ConnectionPool(config),
          inject: [DatabaseConfig.token],
        },
        { provide: Database, useFactory: (pool: ConnectionPool) => new Database(pool), inject: [ConnectionPool] },
        {
          provide: PrismaService,
          useFactory: (pool: ConnectionPool) => PrismaService.on(pool),
          inject: [ConnectionPool],
        },
      ],
      exports: [Database, PrismaService],
    };
  }

  /** The last of the hooks: whoever still writes while the process drains does so in the earlier ones. */
  async onApplicationShutdown(): Promise<void> {
    await this.prisma.$disconnect();
    await this.database.close();
  }
}
