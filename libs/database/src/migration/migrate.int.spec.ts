import { Logger } from '@nestjs/common';
import { emptyTestDatabase, freePort, type TestDatabase } from '@parley/testing';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Database } from '../database';
import { migrate } from './migrate';

let server: TestDatabase;
let directory: string;

beforeEach(async () => {
  server = await emptyTestDatabase();
  directory = await mkdtemp(path.join(os.tmpdir(), 'parley-migrations-'));
  jest.spyOn(Logger.prototype, 'log').mockImplementation();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.drop();
  await rm(directory, { recursive: true });
});

async function writeMigration(name: string, sql: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, name, 'migration.sql'), sql);
}

const tableExists = async (name: string): Promise<boolean> => {
  const rows = await server.query('SELECT FROM pg_tables WHERE tablename = $1', [name]);
  return rows.length === 1;
};

it("makes the product's schema, with an epoch for the new database", async () => {
  await migrate(server.url);
  const rows = await server.query<{ epoch: string }>('SELECT epoch FROM deployment');
  expect(rows).toEqual([{ epoch: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
});

it('applies each migration once, in the order of the names, and logs it as Prisma does', async () => {
  await writeMigration('2_second', 'INSERT INTO steps VALUES (2)');
  await writeMigration('1_first', 'CREATE TABLE steps (n int); INSERT INTO steps VALUES (1)');
  await migrate(server.url, { directory });
  await migrate(server.url, { directory });
  expect(await server.query('SELECT n FROM steps')).toEqual([{ n: 1 }, { n: 2 }]);
  expect(
    await server.query(
      `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, applied_steps_count AS steps
       FROM _prisma_migrations ORDER BY finished_at LIMIT 1`,
    ),
  ).toEqual([
    {
      migration_name: '1_first',
      checksum: createHash('sha256').update('CREATE TABLE steps (n int); INSERT INTO steps VALUES (1)').digest('hex'),
      finished: true,
      steps: 1,
    },
  ]);
});

it('lets one of many processes that start at once create the database and apply', async () => {
  const url = `${server.url}_new`;
  await writeMigration('1_first', 'CREATE TABLE steps (n int); INSERT INTO steps VALUES (1)');
  await Promise.all(Array.from({ length: 5 }, () => migrate(url, { directory })));
  const created = Database.connect({ url });
  expect(await created.query('', 'SELECT n FROM steps')).toEqual([{ n: 1 }]);
  await created.close();
  await server.query(`DROP DATABASE ${new URL(url).pathname.slice(1)}`);
});

it('undoes a migration that fails, names it, and applies it once it is right', async () => {
  await writeMigration('1_first', 'CREATE TABLE steps (n int)');
  await writeMigration('2_wrong', 'CREATE TABLE half (n int); SELECT wrong');
  await expect(migrate(server.url, { directory })).rejects.toThrow(
    'Migration 2_wrong failed and was undone: column "wrong" does not exist',
  );
  expect([await tableExists('steps'), await tableExists('half')]).toEqual([true, false]);
  await writeMigration('2_wrong', 'CREATE TABLE half (n int)');
  await migrate(server.url, { directory });
  expect(await tableExists('half')).toBe(true);
});

it('stops at a migration that another tool left half done, and says what to do', async () => {
  await writeMigration('1_first', 'SELECT 1');
  await migrate(server.url, { directory });
  await server.query("UPDATE _prisma_migrations SET finished_at = NULL, logs = 'out of disk'");
  await expect(migrate(server.url, { directory })).rejects.toThrow(
    /1_first failed earlier \(out of disk\).*delete its row/,
  );
});

it('warns of a migration that was edited after it was applied, and goes on', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  await writeMigration('1_first', 'CREATE TABLE steps (n int)');
  await migrate(server.url, { directory });
  await writeMigration('1_first', 'CREATE TABLE steps (n int8)');
  await migrate(server.url, { directory });
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('1_first was edited'));
});

it('is unavailable where nobody listens', async () => {
  await expect(migrate('postgresql://nobody@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'service_unavailable' });
});

it('waits for a server that is starting, as long as it is told to', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const { hostname, port } = new URL(server.url);
  const door = createServer((inbound) => {
    const outbound = connect(Number(port || 5432), hostname);
    inbound.pipe(outbound).pipe(inbound);
    for (const socket of [inbound, outbound]) socket.on('error', () => undefined);
  });
  const throughDoor = new URL(server.url);
  throughDoor.port = String(await freePort());
  await writeMigration('1_first', 'CREATE TABLE steps (n int)');
  const migrated = migrate(throughDoor.href, { directory, patienceMs: 20_000 });
  await new Promise<void>((resolve) => warn.mockImplementationOnce(() => resolve()));
  door.listen(Number(throughDoor.port), hostname);
  await migrated;
  door.close();
  expect(await tableExists('steps')).toBe(true);
  expect(warn).toHaveBeenCalledTimes(1);
});

it('does not wait where the login is refused', async () => {
  const stranger = new URL(server.url);
  stranger.username = 'nobody_of_that_name';
  await expect(migrate(stranger.href, { directory, patienceMs: 20_000 })).rejects.toMatchObject({
    code: 'service_unavailable',
  });
});
