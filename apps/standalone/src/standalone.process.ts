import { Logger as NestLog } from '@nestjs/common';
import { loadConfig } from '@parley/config';
import { createLogger, describeStartFailure, NestLogger } from '@parley/observability';
import type { Logger } from 'pino';
import { banner } from './standalone.banner';
import { standaloneEnvironment, standaloneSlices } from './standalone.environment';
import { StandaloneServer } from './standalone.server';

/** npm passes a Ctrl-C on to a process that has had it from the terminal: what comes so soon is the same one, in milliseconds. */
const sameSignalMs = 1_000;

/**
 * Serves until the process is asked to stop. SIGINT and SIGTERM end it in order, with exit code 0; a second one ends it at
 * once. An error that nobody caught, or a database that cannot be started again, ends it with exit code 1, after the database
 * was stopped.
 */
export async function runStandalone(): Promise<void> {
  try {
    const environment = await standaloneEnvironment();
    const config = loadConfig(standaloneSlices, environment.env);
    const logger = createLogger({ level: config.log.level, name: 'standalone' });
    NestLog.overrideLogger(new NestLogger(logger));
    new StandaloneProcess(new StandaloneServer(environment, config), logger).run();
  } catch (error) {
    exitWith(describeStartFailure(error));
  }
}

class StandaloneProcess {
  /** When the end began, by the process' own clock; undefined while it serves. */
  private endingSinceMs: number | undefined;

  constructor(
    private readonly server: StandaloneServer,
    private readonly logger: Logger,
  ) {}

  run(): void {
    const starting = this.start();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.endBy(starting));
    process.on('uncaughtException', (err) => this.endAfter(err, 'an error that nobody caught'));
  }

  private async start(): Promise<void> {
    try {
      const serving = await this.server.start((err) => this.endAfter(err, 'the database is lost'));
      if (this.endingSinceMs === undefined) process.stdout.write(banner(serving));
    } catch (error) {
      await this.server.stop();
      exitWith(describeStartFailure(error));
    }
  }

  private endBy(starting: Promise<void>): void {
    if (this.endingSinceMs !== undefined) {
      // The embedded database goes along: it hears of the exit.
      if (performance.now() - this.endingSinceMs > sameSignalMs) process.exit(1);
      return;
    }
    this.endingSinceMs = performance.now();
    process.stdout.write(
      '\nParley drains: sockets are closed, what is under way is answered. Ctrl-C again ends it at once.\n',
    );
    void starting
      .then(() => this.server.stop())
      .then(
        () => process.exit(0),
        (err: unknown) => this.giveUp(err),
      );
  }

  private endAfter(err: unknown, what: string): void {
    this.logger.fatal({ err }, `${what}: the server ends`);
    this.endingSinceMs ??= performance.now();
    void this.server.abort().then(
      () => process.exit(1),
      (failure: unknown) => this.giveUp(failure),
    );
  }

  private giveUp(err: unknown): void {
    this.logger.fatal({ err }, 'the server did not end in order');
    process.exit(1);
  }
}

function exitWith(message: string): void {
  process.stderr.write(`\n${message}\n\n`);
  process.exit(1);
}
