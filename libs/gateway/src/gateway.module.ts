import { Module } from '@nestjs/common';
import { HttpConfig, RealtimeConfig, RedisConfig } from '@parley/config';
import { GatewayHealth } from './gateway.health';
import { HttpModule } from './http/http.module';
import { RealtimeModule } from './realtime/realtime.module';
import type { RealtimeAdapterOptions } from './realtime/transport/realtime.adapter';

/** Nest's token of what the transport of sockets is made with. */
export const realtimeOptions = Symbol('RealtimeAdapterOptions');

/**
 * The edge: REST and sockets. Needs ConfigModule (HttpConfig, AuthConfig, RealtimeConfig, LimitsConfig), BusModule and HealthModule beside
 * it. With RedisConfig it is one of several gateways, without it the only one; with FileAccessConfig it knows files.
 */
@Module({
  imports: [HttpModule, RealtimeModule],
  providers: [
    GatewayHealth,
    {
      provide: realtimeOptions,
      inject: [RealtimeConfig.token, HttpConfig.token, { token: RedisConfig.token, optional: true }],
      useFactory: (realtime: RealtimeConfig, http: HttpConfig, redis?: RedisConfig): RealtimeAdapterOptions => ({
        realtime,
        http,
        redis,
      }),
    },
  ],
})
export class GatewayModule {}
