import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from './free.port';
import { type PostgresServer, superuser } from './postgres.server';

const database = 'parley';

/** After a kill the server first repeats what its log holds; that takes as long as it takes. */
const readyTimeoutMs = 300_000;
const readyProbeMs = 20;
const startAttempts = 3;

/** Starts a server, and waits until it serves. */
export class PostgresStarter {
  constructor(
    private readonly server: PostgresServer,
    private readonly password: string,
  ) {}

  /** Of the database `parley` of the server on that port. */
  url(port: number, name = database): string {
    return `postgresql://${superuser}:${this.password}@127.0.0.1:${port}/${name}`;
  }

  /**
   * Tries a few times: a port that was free may have been taken, and the processes of a killed server need a moment to go.
   *
   * @param fixedPort default: any that is free.
   * @returns the port that it serves on.
   * @throws Error with the server's last words when it does not start. It does not run then.
   */
  async start(fixedPort?: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const port = fixedPort ?? (await findFreePort());
      try {
        await this.serve(port);
        return port;
      } catch (error) {
        if (!this.server.hasExited) await this.server.stop();
        else if (attempt < startAttempts) continue;
        throw error;
      }
    }
  }

  /**
   * Once, in place of a server that ended.
   *
   * @param signal gives it up, also when it has begun.
   * @throws Error as {@link start} does.
   */
  async startAgain(port: number, signal: AbortSignal): Promise<void> {
    await this.server.stopOrphan();
    signal.throwIfAborted();
    try {
      await this.serve(port, signal);
      signal.throwIfAborted();
    } catch (error) {
      await this.server.stop();
      throw error;
    }
  }

  private async serve(port: number, signal?: AbortSignal): Promise<void> {
    await this.server.start(port);
    await this.untilReady(signal);
    await ensureDatabase(this.url(port, 'postgres'));
  }

  private async untilReady(signal: AbortSignal | undefined): Promise<void> {
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await this.server.isReady())) {
      signal?.throwIfAborted();
      if (this.server.hasExited || Date.now() > deadline) {
        throw new Error(`The embedded PostgreSQL does not start. Its log ends:\n${await this.server.lastWords()}`);
      }
      await delay(readyProbeMs);
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the query in flight tells
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}
