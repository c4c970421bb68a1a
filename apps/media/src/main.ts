import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { BusHealth, BusModule, BusServer } from '@parley/bus';
import {
  ConfigModule,
  DatabaseConfig,
  FileAccessConfig,
  HttpConfig,
  loadConfig,
  LogConfig,
  MediaConfig,
  NatsConfig,
} from '@parley/config';
import { Database, DatabaseModule, migrate } from '@parley/database';
import { createMediaApp, MediaHttpModule } from '@parley/media';
import { createLogger, endOnSignal, exitWithFailure, HealthModule, NestLogger, Readiness } from '@parley/observability';

const slices = [HttpConfig, DatabaseConfig, NatsConfig, FileAccessConfig, MediaConfig, LogConfig] as const;

/** A PostgreSQL that is restarting when this process starts is waited for, in milliseconds. */
const databasePatienceMs = 60_000;

/** One of the cluster's media processes: bytes over HTTP for gateways, `media.*` over NATS, and `/health`. */
@Module({})
class MediaProcess {}

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
  MediaHttpModule,
];

async function main(): Promise<void> {
  const { http, database, log } = loadConfig(slices);
  Logger.overrideLogger(new NestLogger(createLogger({ level: log.level, name: 'media' })));
  if (database.migrateOnStart) await migrate(database.url, { patienceMs: databasePatienceMs });
  const app = await createMediaApp({ module: MediaProcess, imports: importsOf() });
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
