// After all tests: removes the databases of this run, also those that a failed test left, and the server if it was ours.
import { rm } from 'node:fs/promises';
import pg from 'pg';

export default async function tearDown() {
  const { PARLEY_TEST_SERVER: server, PARLEY_TEST_RUN: run } = process.env;
  await dropDatabases(server, `parley_test_${run}_`);
  const own = globalThis.parleyTestServer;
  if (!own) return;
  await own.database.stop();
  await rm(own.dataDir, { recursive: true, force: true });
}

async function dropDatabases(server, prefix) {
  const client = new pg.Client(server);
  await client.connect();
  try {
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [prefix]);
    for (const { datname } of rows) await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
