import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { BusHealth, BusModule, BusServer } from '@parley/bus';
import {
  ConfigModule,
  HttpConfig,
  loadConfig,
  LogConfig,
  NatsConfig,
  PresenceConfig,
  RedisConfig,
} from '@parley/config';
import {
  createLogger,
  endOnSignal,
  exitWithFailure,
  HealthModule,
  HealthService,
  NestLogger,
  prepareDrain,
  Readiness,
} from '@parley/observability';
import { PresenceModule, PresenceStore } from '@parley/presence';

const slices = [HttpConfig, NatsConfig, RedisConfig, PresenceConfig, LogConfig] as const;

/** One of the cluster's presence processes: answers `presence.*` over NATS, and `/health` on its port. */
@Module({})
class PresenceProcess {}

const importsOf = () => [
  ConfigModule.forRoot(slices),
  HealthModule.forRoot({
    inject: [BusHealth],
    indicators: (bus: BusHealth) => [{ name: 'nats', needed: true, isUp: () => bus.carries() }],
  }),
  BusModule.nats(),
  PresenceModule.onRedis(),
];

async function main(): Promise<void> {
  const { http, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'presence' })));
  const adapter = new FastifyAdapter();
  prepareDrain(adapter.getInstance());
  const app = await NestFactory.create({ module: PresenceProcess, imports: importsOf() }, adapter, {
    abortOnError: false,
  });
  const store = app.get(PresenceStore);
  app.get(HealthService).register({ name: 'redis', needed: false, isUp: () => store.takesWrites() });
  app.connectMicroservice({ strategy: app.get(BusServer) });
  endOnSignal(() => {
    app.get(Readiness).draining();
    return app.close();
  });
  // Health first: it answers also while the bus is awaited.
  await app.listen(http.port, http.host);
  await app.startAllMicroservices();
  app.get(Readiness).started();
}

main().catch(exitWithFailure);
