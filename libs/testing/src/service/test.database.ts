import { Database, migrate } from '@parley/database';
import { sharedName, uniqueName } from './test.run';

/** A database that one test file has for itself. */
export interface TestDatabase {
  readonly url: string;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** @returns a new database at the latest schema, on the server that the run found or brought. Drop it in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = uniqueName();
  const template = await (templateOfRun ??= makeTemplate());
  await onServer((server) => server.query('', `CREATE DATABASE ${name} TEMPLATE ${template}`));
  return open(name);
}

/** @returns a new database with nothing in it, not even the schema. */
export async function emptyTestDatabase(): Promise<TestDatabase> {
  const name = uniqueName();
  await onServer((server) => server.query('', `CREATE DATABASE ${name}`));
  return open(name);
}

let templateOfRun: Promise<string> | undefined;

/**
 * Migrates one database for all workers of the run: a copy of it takes a tenth of the time. It gets its name when it is
 * complete, because nobody may be connected to what is copied.
 */
async function makeTemplate(): Promise<string> {
  const name = sharedName('template');
  await onServer((server) =>
    server.transaction(async (tx) => {
      await tx.query('', 'SELECT pg_advisory_xact_lock(hashtext($1))', [name]);
      const existing = await tx.query('', 'SELECT FROM pg_database WHERE datname = $1', [name]);
      if (existing.length > 0) return;
      const draft = uniqueName();
      await migrate(urlOf(draft));
      await onServer((other) => other.query('', `ALTER DATABASE ${draft} RENAME TO ${name}`));
    }),
  );
  return name;
}

function open(name: string): TestDatabase {
  const database = Database.connect({ url: urlOf(name), poolMax: 2 });
  return {
    url: urlOf(name),
    query: (text, values) => database.query('', text, values),
    drop: async () => {
      await database.close();
      await onServer((server) => server.query('', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

/** Copying a database may take a while on a busy machine, and so may another worker that makes the one to copy. */
const statementTimeoutMs = 60_000;
const lockTimeoutMs = 60_000;

async function onServer<T>(work: (server: Database) => Promise<T>): Promise<T> {
  const server = Database.connect({ url: urlOf('postgres'), poolMax: 1, statementTimeoutMs, lockTimeoutMs });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

function urlOf(name: string): string {
  const url = process.env['PARLEY_TEST_SERVER'];
  if (!url) throw new Error('The tests run without libs/testing/src/jest/global-setup.mjs');
  return new URL(`/${name}`, url).href;
}
