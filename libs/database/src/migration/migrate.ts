import { Logger } from '@nestjs/common';
import { AppError } from '@parley/errors';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { isUnavailableState, sqlState, toQueryFailure, unavailable } from '../connection/failure';
import { listMigrations, type Migration } from './migration.reader';

export interface MigrateOptions {
  /** The folder of migrations. Default: the nearest `prisma/migrations` above the running file. */
  readonly directory?: string;
  /**
   * How long to try for while the server does not answer, or ends what was begun: it may be restarting, too. In
   * milliseconds; default: once. What is wrong with the address's user, password or database is told at once.
   */
  readonly patienceMs?: number;
}

const retryMs = 500;

/** The advisory lock that Prisma Migrate takes. */
const lockId = 72_707_369;

/** A migration that waits for a table makes everybody else wait behind it. */
const tableLockTimeoutMs = 10_000;

/** As Prisma Migrate makes it, so that its commands work on the same database. */
const createLog = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

const logger = new Logger('Migrations');

/** The database cannot be brought to the latest schema without somebody who looks at it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings a database to the latest schema, and makes the database where there is none.
 *
 * Safe to call in every process that starts: one applies, the others wait and find nothing to do. Each migration is one
 * transaction with its entry in the log, so that a failed or killed one leaves nothing behind. Needs a direct connection:
 * the lock belongs to the session.
 *
 * @throws AppError `service_unavailable` when PostgreSQL cannot be reached; MigrationError that names the migration which failed.
 */
export async function migrate(url: string, { directory, patienceMs = 0 }: MigrateOptions = {}): Promise<void> {
  const migrations = await listMigrations(directory);
  const deadline = Date.now() + patienceMs;
  for (let isTold = false; ; isTold = true) {
    try {
      return await applyPending(url, migrations);
    } catch (error) {
      if (!isPassing(error) || Date.now() >= deadline) throw error;
      if (!isTold) logger.warn({ msg: 'PostgreSQL does not answer; trying on', reason: reasonOf(error) });
      await delay(retryMs);
    }
  }
}

/** Is it the server that is away for now? A login that is refused stays refused. */
function isPassing(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error.code !== 'service_unavailable') return false;
  const state = sqlState(error);
  return state === undefined || isUnavailableState(state);
}

function reasonOf({ message, cause }: AppError): string {
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}

async function applyPending(url: string, migrations: readonly Migration[]): Promise<void> {
  const client = await connect(url);
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [lockId]);
    await client.query(`SET lock_timeout = ${tableLockTimeoutMs}`);
    await client.query(createLog);
    for (const migration of await listPending(client, migrations)) await apply(client, migration);
  } catch (error) {
    throw error instanceof MigrationError ? error : toQueryFailure(error);
  } finally {
    await client.end(); // gives the lock back
  }
}

async function connect(url: string): Promise<pg.Client> {
  try {
    return await open(url);
  } catch (error) {
    if (sqlState(error) !== '3D000') throw unavailable(error);
    await createDatabase(url);
    return open(url);
  }
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // the query in flight tells
  await client.connect();
  return client;
}

async function createDatabase(url: string): Promise<void> {
  const maintenance = new URL(url);
  const name = decodeURIComponent(maintenance.pathname.slice(1));
  maintenance.pathname = '/postgres';
  const client = await open(maintenance.href);
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
    logger.log(`created the database ${name}`);
  } catch (error) {
    // Another process was faster: 42P04 when it was done before, 23505 when at the same moment.
    if (!['42P04', '23505'].includes(sqlState(error) ?? '')) throw error;
  } finally {
    await client.end();
  }
}

interface LogEntry {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly logs: string | null;
}

async function listPending(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<LogEntry>(
    'SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const entries = new Map(rows.map((row) => [row.migration_name, row]));
  return migrations.filter(({ name, checksum }) => {
    const entry = entries.get(name);
    if (!entry) return true;
    if (!entry.finished_at) throw unfinished(entry);
    if (entry.checksum !== checksum) logger.warn(`${name} was edited after it was applied: the edit has no effect`);
    return false;
  });
}

function unfinished({ migration_name, logs }: LogEntry): MigrationError {
  return new MigrationError(
    `Migration ${migration_name} failed earlier${logs ? ` (${logs})` : ''}. Undo what it left in the database, ` +
      `delete its row from _prisma_migrations, and start again.`,
  );
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES (gen_random_uuid(), $1, $2, clock_timestamp(), 1)`,
      [checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${name} failed and was undone: ${reason}`, { cause: error });
  }
  logger.log(`applied ${name}`);
}
