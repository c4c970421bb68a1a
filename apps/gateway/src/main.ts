import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { BusModule } from '@parley/bus';
import {
  AuthConfig,
  ConfigModule,
  HttpConfig,
  loadConfig,
  LogConfig,
  NatsConfig,
  RealtimeConfig,
  RedisConfig,
} from '@parley/config';
import { createGatewayApp, drainGateway, GatewayModule } from '@parley/gateway';
import { createLogger, exitWithFailure, HealthModule, NestLogger, Readiness } from '@parley/observability';

const slices = [HttpConfig, AuthConfig, NatsConfig, RedisConfig, RealtimeConfig, LogConfig] as const;

/** One of the cluster's gateways: REST and sockets, on NATS and Redis. */
@Module({})
class GatewayProcess {}

async function main(): Promise<void> {
  const { http, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'gateway' })));
  const imports = [ConfigModule.forRoot(slices), HealthModule.forRoot(), BusModule.nats(), GatewayModule];
  const app = await createGatewayApp({ module: GatewayProcess, imports }, http);
  await app.listen(http.port, http.host);
  app.get(Readiness).started();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void drainGateway(app).then(() => process.exit(0), exitWithFailure));
  }
}

main().catch(exitWithFailure);
