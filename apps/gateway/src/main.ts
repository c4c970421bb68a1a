import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { BusModule } from '@parley/bus';
import {
  AuthConfig,
  ConfigModule,
  FileAccessConfig,
  HttpConfig,
  LimitsConfig,
  loadConfig,
  LogConfig,
  NatsConfig,
  PresenceConfig,
  RealtimeConfig,
  RedisConfig,
} from '@parley/config';
import { createGatewayApp, drainGateway, GatewayModule, listenForClients } from '@parley/gateway';
import { createLogger, endOnSignal, exitWithFailure, HealthModule, NestLogger, Readiness } from '@parley/observability';

const slices = [
  HttpConfig,
  AuthConfig,
  NatsConfig,
  RedisConfig,
  RealtimeConfig,
  PresenceConfig,
  LimitsConfig,
  FileAccessConfig,
  LogConfig,
] as const;

/** One of the cluster's gateways: REST and sockets, on NATS and Redis. */
@Module({})
class GatewayProcess {}

async function main(): Promise<void> {
  const { http, realtime, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'gateway' })));
  const imports = [ConfigModule.forRoot(slices), HealthModule.forRoot(), BusModule.nats(), GatewayModule];
  const app = await createGatewayApp({ module: GatewayProcess, imports }, http);
  endOnSignal(() => drainGateway(app), realtime.drainSeconds * 1_000);
  await listenForClients(app, http);
  app.get(Readiness).started();
}

main().catch(exitWithFailure);
