import { Database } from '@parley/database';
import type { Deployment } from '@parley/testing';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChatScene, transports } from './chat.scene';
import { SteadyLoad } from './steady.load';

export function standaloneFaultSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  it('loses no acknowledged message when it is killed in the middle of a load and started again', async () => {
    const load = await SteadyLoad.start(scene);
    for (let round = 0; round < 2; round++) {
      await load.further(500);
      await expect(deployment().kill('standalone', 'SIGKILL')).resolves.toMatchObject({ signal: 'SIGKILL' });
      await deployment().restart('standalone');
    }
    await load.further(500);
    await expect(load.finish()).resolves.toEqual([]);
    // Each device at least once; a slow one may have slept through the second time.
    expect(load.reconnects).toBeGreaterThanOrEqual(6);
  });

  it('stops when it is asked to: sockets are told, what was acknowledged stays, and it starts again', async () => {
    const [alice, bob] = await scene.pair();
    const { id } = await alice.openDirect(bob);
    const devices = await Promise.all(transports.map((transport) => bob.online(transport)));
    const { epoch } = (await devices[0]?.session) ?? {};
    const message = await alice.send(id, { content: 'before' });
    const exit = deployment().kill('standalone', 'SIGTERM');
    for (const device of devices) {
      expect((await device.nextEvent('draining')).reconnect_after_ms).toBeGreaterThanOrEqual(0);
      const { code } = await device.closed;
      expect(code).toBeGreaterThanOrEqual(4000);
      expect(code).toBeLessThan(4400);
    }
    await expect(exit).resolves.toEqual({ code: 0, signal: null });
    await deployment().restart('standalone');
    await expect(bob.history(id)).resolves.toEqual([message]);
    // The same history goes on: heads from before are still good.
    const back = await bob.online('plain');
    await expect(back.session).resolves.toMatchObject({ epoch, heads: { [id]: { seq: 1, rev: message.rev } } });
  });
}

/** Of its own: what it does makes the process log errors. */
export function databaseFaultSuite(start: (env: Record<string, string>) => Promise<Deployment>): void {
  let folder: string;
  let deployment: Deployment;
  let scene: ChatScene;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-e2e-database-'));
    // The user that PostgreSQL runs as has to get through.
    await chmod(folder, 0o711);
    deployment = await start({ DATA_DIR: path.join(folder, 'data') });
  });
  afterAll(async () => {
    await deployment?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => (scene = new ChatScene(deployment)));
  afterEach(() => scene.end());

  const statusOf = async (): Promise<string[]> =>
    (await readFile(path.join(folder, 'data/postgres/postmaster.pid'), 'utf8').catch(() => '')).split('\n');

  it.each([
    ['is killed', 'SIGKILL'],
    ['is shut down by somebody else', 'SIGINT'],
    ['is shut down at once', 'SIGQUIT'],
  ] as const)(
    'goes on when its database %s under load: nothing acknowledged is lost, sockets stay',
    async (_what, signal) => {
      const load = await SteadyLoad.start(scene);
      await load.further(300);
      const [pid] = await statusOf();
      process.kill(Number(pid), signal);
      // By then another one accepts connections: acks come from nowhere else.
      await untilReplaced(statusOf, pid);
      await load.further(300);
      await expect(load.finish()).resolves.toEqual([]);
      expect(load.reconnects).toBe(0);
    },
  );

  it('goes on when one of the processes of its database is killed: that one recovers by itself', async () => {
    const load = await SteadyLoad.start(scene);
    await load.further(300);
    const [pid, , , port] = await statusOf();
    const password = await readFile(path.join(folder, 'data/postgres.password'), 'utf8');
    const database = Database.connect({ url: `postgresql://parley:${password}@127.0.0.1:${port}/parley`, poolMax: 1 });
    const [backend] = await database.query<{ pid: number }>('', 'SELECT pg_backend_pid() AS pid');
    process.kill(backend?.pid ?? 0, 'SIGKILL');
    await load.further(300);
    await database.close();
    await expect(load.finish()).resolves.toEqual([]);
    expect((await statusOf())[0]).toBe(pid);
    expect(load.reconnects).toBe(0);
  });
}

async function untilReplaced(statusOf: () => Promise<string[]>, before: string | undefined): Promise<void> {
  for (;;) {
    const { 0: pid, 7: state } = await statusOf();
    if (pid !== before && state?.trim() === 'ready') return;
    await delay(20);
  }
}
