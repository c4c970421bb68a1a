import { Logger } from '@nestjs/common';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Database } from '../database';
import { EmbeddedDatabase } from './embedded.database';
import { startOf } from './process.identity';

jest.setTimeout(120_000);

const root = path.resolve(__dirname, '../../../..');
const bundled = path.join(root, 'dist/tools/embedded-database.spec.cjs');
let dataDir: string;
let running: EmbeddedDatabase[];

beforeAll(async () => {
  const bundle = `import { bundle } from ${JSON.stringify(path.join(root, 'tools/bundle.mjs'))};
    await bundle('libs/database/src/embedded/embedded.database.ts', ${JSON.stringify(bundled)});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', bundle]);
});
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'parley-embedded-'));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((embedded) => embedded.stop()));
  await rm(dataDir, { recursive: true });
});

async function start(): Promise<EmbeddedDatabase> {
  const embedded = await EmbeddedDatabase.start({ dataDir });
  running.push(embedded);
  return embedded;
}

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const database = Database.connect({ url, poolMax: 1 });
  try {
    return await database.query<Row>('', text);
  } finally {
    await database.close();
  }
}

/** Another process that owns the database, as a Parley of its own would. */
async function startElsewhere(more = ''): Promise<{ owner: ChildProcess; url: string }> {
  const script = `require(${JSON.stringify(bundled)}).EmbeddedDatabase.start({ dataDir: ${JSON.stringify(dataDir)} })
    .then(({ url }) => console.log(url)); setInterval(() => {}, 1000); ${more}`;
  const owner = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, url: url.toString().trim() };
}

/** Kills a process and all that a terminal would count to it. */
async function killGroup(owner: ChildProcess): Promise<void> {
  const exit = once(owner, 'exit');
  process.kill(-(owner.pid ?? 0), 'SIGKILL');
  await exit;
}

async function isSleeping(url: string): Promise<boolean> {
  const rows = await query(url, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  return rows.length > 0;
}

const serverPid = async (): Promise<number> =>
  Number((await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);

it('is a durable PostgreSQL in UTF-8 that only this machine reaches, and only with the password', async () => {
  const { url } = await start();
  const settings = await query(
    url,
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous,
            current_setting('listen_addresses') AS address, current_setting('server_encoding') AS encoding,
            lower('ÄÖ') AS lowered, current_database() AS database`,
  );
  expect(settings).toEqual([
    { fsync: 'on', synchronous: 'on', address: '127.0.0.1', encoding: 'UTF8', lowered: 'äö', database: 'parley' },
  ]);
  const stranger = new URL(url);
  stranger.password = 'guess';
  await expect(query(stranger.href, 'SELECT 1')).rejects.toMatchObject({ cause: { code: '28P01' } });
});

it('keeps its data over a restart, and leaves no process when it stops', async () => {
  const first = await start();
  await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS n');
  const pid = await serverPid();
  await first.stop();
  expect(await startOf(pid)).toBeUndefined();
  const second = await start();
  expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

it('outlives its killed owner, and the next one replaces it with all that was committed', async () => {
  const { owner, url } = await startElsewhere();
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
  const orphan = await serverPid();
  await killGroup(owner);
  expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);

  const next = await start();
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  expect(await startOf(orphan)).toBeUndefined();
});

it('recovers what was committed when the server itself was killed too', async () => {
  const { owner, url } = await startElsewhere();
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
  process.kill(await serverPid(), 'SIGKILL');
  await killGroup(owner);
  const next = await start();
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

/** Resolves once another process than `before` accepts connections in the data directory. */
async function untilReplaced(before: number): Promise<void> {
  for (;;) {
    const lines = (await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) !== before && lines[7]?.trim() === 'ready') return;
    await delay(20);
  }
}

describe('that ends by itself', () => {
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    jest.spyOn(Logger.prototype, 'log').mockReturnValue();
  });
  afterEach(() => jest.restoreAllMocks());

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'is started again at the same address after a %s, with all that was committed',
    async (signal) => {
      const { url } = await start();
      await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
      const pid = await serverPid();
      process.kill(pid, signal);
      await untilReplaced(pid);
      expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    },
  );

  it('is started again as often as it ends', async () => {
    const { url } = await start();
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
    for (let round = 1; round <= 3; round++) {
      const pid = await serverPid();
      process.kill(pid, 'SIGKILL');
      await untilReplaced(pid);
    }
    expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  });

  it('is started again only when a statement of the killed one has ended', async () => {
    const { url } = await start();
    await query(url, 'CREATE TABLE kept (n int)');
    const pid = await serverPid();
    const slow = query(url, 'INSERT INTO kept SELECT 1 FROM pg_sleep(2)');
    const slowEnd = slow.then(
      () => undefined,
      () => undefined,
    );
    while (!(await isSleeping(url))) await delay(20);
    process.kill(pid, 'SIGKILL');
    await Promise.all([slowEnd, untilReplaced(pid)]);
    const { length } = await query(url, 'SELECT n FROM kept');
    // Whatever became of the statement, who asked was told the truth.
    expect(length).toBe(await slow.then(() => 1).catch(() => 0));
  });

  it('recovers by itself when one of its own processes is killed, and is not started again', async () => {
    const { url } = await start();
    const pid = await serverPid();
    const idle = Database.connect({ url, poolMax: 1 });
    const [backend] = await idle.query<{ pid: number }>('', 'SELECT pg_backend_pid() AS pid');
    process.kill(backend?.pid ?? 0, 'SIGKILL');
    while (!(await idle.isUp())) await delay(20);
    await idle.close();
    expect(await serverPid()).toBe(pid);
    expect(Logger.prototype.error).not.toHaveBeenCalled();
  });

  it('is not started again once its owner is about to go', async () => {
    const embedded = await start();
    embedded.retire();
    const pid = await serverPid();
    process.kill(pid, 'SIGKILL');
    while (await startOf(pid)) await delay(20);
    await embedded.stop();
    expect(await startOf(pid)).toBeUndefined();
    expect(Logger.prototype.error).not.toHaveBeenCalled();
    expect(await readdir(dataDir)).not.toContain('owner.lock');
  });

  it('leaves no process when it is stopped while it is started again', async () => {
    const embedded = await start();
    const pid = await serverPid();
    process.kill(pid, 'SIGKILL');
    while (jest.mocked(Logger.prototype.error).mock.calls.length === 0) await delay(1);
    while ((await serverPid().catch(() => pid)) === pid) await delay(1);
    const next = await serverPid();
    await embedded.stop();
    expect(await startOf(next)).toBeUndefined();
  });
});

it('is taken along by a process that exits without stopping it, and loses nothing', async () => {
  const { owner, url } = await startElsewhere('process.on("SIGTERM", () => process.exit(1))');
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
  const pid = await serverPid();
  const exit = once(owner, 'exit');
  owner.kill('SIGTERM');
  await exit;
  expect(await readdir(dataDir)).not.toContain('owner.lock');
  while (await startOf(pid)) await delay(20);
  const next = await start();
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

it('replaces a server that is just ending', async () => {
  const { owner, url } = await startElsewhere();
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS n');
  const orphan = await serverPid();
  await killGroup(owner);
  process.kill(orphan, 'SIGQUIT');
  const next = await start();
  expect(await query(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
});

it('refuses a second owner of the same directory, and serves the first on', async () => {
  const { owner, url } = await startElsewhere();
  await expect(EmbeddedDatabase.start({ dataDir })).rejects.toThrow(`Another Parley (process ${owner.pid})`);
  expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await killGroup(owner);
  await start(); // stops the orphan
});

it('may be stopped twice', async () => {
  const embedded = await start();
  await Promise.all([embedded.stop(), embedded.stop()]);
  await expect(embedded.stop()).resolves.toBeUndefined();
});

it("tells the server's own words when it does not start", async () => {
  const first = await start();
  const port = Number(new URL(first.url).port);
  const other = await mkdtemp(path.join(os.tmpdir(), 'parley-embedded-'));
  await expect(EmbeddedDatabase.start({ dataDir: other, port })).rejects.toThrow(
    /does not start.*Address already in use/s,
  );
  await rm(other, { recursive: true });
});
