// Before all tests: finds the servers that they use, and tells the workers in the environment.
//   PARLEY_TEST_RUN       in the names of all that this run makes
//   PARLEY_TEST_SERVER    a PostgreSQL on which databases may be created
//   PARLEY_TEST_SERVICES  which of nats and redis answer
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { bundle, root } from '../../../../tools/bundle.mjs';
import { isReachable } from '../../../../tools/reachable.mjs';

const connectTimeoutMs = 3_000;

/** Databases of runs that were killed go after this time. */
const leftoverMs = 2 * 60 * 60 * 1_000;

export default async function setUp() {
  process.env.PARLEY_TEST_RUN = `${Date.now().toString(36)}${randomBytes(2).toString('hex')}`;
  const server = (await findServer()) ?? (await startServer());
  process.env.PARLEY_TEST_SERVER = server;
  process.env.PARLEY_TEST_SERVICES = (await listServices()).join(',');
  await dropLeftovers(server);
}

/** The server of DATABASE_URL, which then must answer; else the one on the usual port, whose roles nobody knows. */
async function findServer() {
  const given = process.env.DATABASE_URL;
  if (given) return requireServer(new URL('/postgres', given).href);
  for (const role of ['postgres', 'root']) {
    const url = `postgresql://${role}@127.0.0.1:5432/postgres`;
    if (await mayCreateDatabases(url).catch(() => false)) return url;
  }
  if (process.env.REQUIRE_SERVICES === '1') throw new Error('No PostgreSQL on 127.0.0.1:5432, and REQUIRE_SERVICES=1');
  return undefined;
}

async function requireServer(url) {
  const may = await mayCreateDatabases(url).catch((cause) => {
    throw new Error('The PostgreSQL of DATABASE_URL does not answer', { cause });
  });
  if (!may) throw new Error('The role of DATABASE_URL may not create databases, which the tests need');
  return url;
}

async function mayCreateDatabases(url) {
  const [role] = await query(url, 'SELECT rolsuper OR rolcreatedb AS may FROM pg_roles WHERE rolname = current_user');
  return role.may;
}

async function query(url, text) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A fresh machine has Node alone: then the tests bring their own PostgreSQL, as the standalone server does. */
async function startServer() {
  const outfile = path.join(root, 'dist/tools/embedded-database.cjs');
  await bundle('libs/database/src/embedded/embedded.database.ts', outfile);
  const { EmbeddedDatabase } = createRequire(import.meta.url)(outfile);
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'parley-tests-'));
  globalThis.parleyTestServer = { dataDir, database: await EmbeddedDatabase.start({ dataDir }) };
  return globalThis.parleyTestServer.database.url;
}

async function listServices() {
  const services = [
    ['nats', process.env.NATS_URL || 'nats://127.0.0.1:4222', 4222],
    ['redis', process.env.REDIS_URL || 'redis://127.0.0.1:6379', 6379],
  ];
  const answers = await Promise.all(services.map(([, url, port]) => isReachable(url, port)));
  return services.map(([name]) => name).filter((_, index) => answers[index]);
}

async function dropLeftovers(server) {
  const databases = await query(server, `SELECT datname FROM pg_database WHERE datname LIKE 'parley\\_test\\_%'`);
  for (const { datname } of databases) {
    const startedAt = parseInt(datname.split('_')[2].slice(0, -4), 36);
    if (!(Date.now() - startedAt > leftoverMs)) continue;
    await query(server, `DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`);
  }
}
