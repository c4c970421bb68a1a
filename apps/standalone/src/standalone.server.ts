import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BusServer } from '@parley/bus';
import { type ConfigOf, environmentWithDefaults } from '@parley/config';
import { createGatewayApp, drainGateway, listenForClients } from '@parley/gateway';
import { Readiness } from '@parley/observability';
import type { AddressInfo } from 'node:net';
import type { BannerContent } from './standalone.banner';
import { openDatabase, type StandaloneDatabase } from './standalone.database';
import type { StandaloneEnvironment, standaloneSlices } from './standalone.environment';
import { exposureWarning, isLoopback } from './standalone.exposure';
import { StandaloneModule } from './standalone.module';
import { probePort } from './standalone.port';
import { welcomeDevelopers } from './standalone.welcome';

/** How long requests in flight and the outbox may take once the sockets were drained, in milliseconds. */
const closeTimeoutMs = 20_000;

/** The database, and the app that stands on it. */
export class StandaloneServer {
  private readonly logger = new Logger(StandaloneServer.name);
  private database: StandaloneDatabase | undefined;
  private app: NestFastifyApplication | undefined;

  constructor(
    private readonly environment: StandaloneEnvironment,
    private readonly config: ConfigOf<typeof standaloneSlices>,
  ) {}

  /**
   * Resolves once it serves, with what there is to say about it; the URL is one that this machine reaches. What was opened
   * stays open when it rejects: see {@link stop}.
   *
   * @param onLost told when the database ended by itself and cannot be started again: only {@link abort} is left then.
   */
  async start(onLost: (error: Error) => void): Promise<BannerContent> {
    const { dataDir, databaseUrl, env } = this.environment;
    const { http, database } = this.config;
    await probePort(http);
    this.database = await openDatabase({ dataDir, databaseUrl, migrateOnStart: database.migrateOnStart, onLost });
    const completed = environmentWithDefaults({ DATABASE_URL: this.database.url }, env);
    this.app = await createGatewayApp(StandaloneModule.forRoot(completed), http);
    this.app.connectMicroservice({ strategy: this.app.get(BusServer) });
    await this.app.startAllMicroservices();
    await listenForClients(this.app, http);
    const tokens = await welcomeDevelopers(this.app);
    this.app.get(Readiness).started();
    return { url: localUrl(await this.app.getUrl()), tokens, warning: tokens && this.warnOfExposure(this.app) };
  }

  /** Sockets are drained, requests in flight answered, the outbox flushed, connections closed; the database goes last. */
  async stop(): Promise<void> {
    this.database?.retire();
    if (this.app) await this.withinBound(drainGateway(this.app));
    await this.abort();
  }

  /** Stops the database alone: after an error that nobody caught, nothing that the app would still do can be trusted. */
  async abort(): Promise<void> {
    await this.database?.stop();
  }

  private warnOfExposure(app: NestFastifyApplication): string | undefined {
    const { address } = app.getHttpServer().address() as AddressInfo;
    if (isLoopback(address)) return undefined;
    const warning = exposureWarning(this.config.http.host);
    this.logger.warn(warning);
    return warning;
  }

  /** What does not end must not keep the database from its own end. */
  private async withinBound(work: Promise<void>): Promise<void> {
    const timeoutMs = this.config.realtime.drainSeconds * 1_000 + closeTimeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Not drained within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([work, late]);
    } catch (err) {
      this.logger.error({ err, msg: 'The server did not close in order' });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** An address of all interfaces is reached on the loopback one. */
function localUrl(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
