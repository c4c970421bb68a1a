import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { BusHealth, BusModule, BusServer } from '@parley/bus';
import {
  ConfigModule,
  DatabaseConfig,
  HttpConfig,
  loadConfig,
  LogConfig,
  MessagingConfig,
  NatsConfig,
} from '@parley/config';
import { Database, DatabaseModule, migrate } from '@parley/database';
import { MessagingModule } from '@parley/messaging';
import {
  createLogger,
  endOnSignal,
  exitWithFailure,
  HealthModule,
  NestLogger,
  prepareDrain,
  Readiness,
} from '@parley/observability';

const slices = [HttpConfig, DatabaseConfig, NatsConfig, MessagingConfig, LogConfig] as const;

/** A PostgreSQL that is restarting when this process starts is waited for, in milliseconds. */
const databasePatienceMs = 60_000;

/** One of the cluster's messaging processes: answers `messaging.*` over NATS, and `/health` on its port. */
@Module({})
class MessagingProcess {}

const importsOf = () => [
  ConfigModule.forRoot(slices),
  HealthModule.forRoot({
    inject: [Database, BusHealth],
    indicators: (database: Database, bus: BusHealth) => [
      { name: 'postgres', needed: true, isUp: () => database.takesWrites() },
      { name: 'nats', needed: true, isUp: () => bus.carries() },
    ],
  }),
  DatabaseModule.forRoot(),
  BusModule.nats(),
  MessagingModule,
];

async function main(): Promise<void> {
  const { http, database, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'messaging' })));
  if (database.migrateOnStart) await migrate(database.url, { patienceMs: databasePatienceMs });
  const adapter = new FastifyAdapter();
  prepareDrain(adapter.getInstance());
  const app = await NestFactory.create({ module: MessagingProcess, imports: importsOf() }, adapter, {
    abortOnError: false,
  });
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
