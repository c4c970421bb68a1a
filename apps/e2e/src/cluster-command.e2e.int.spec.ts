import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  describeWith,
  freePort,
  natsForTests,
  redisForTests,
  RestClient,
  signToken,
  testDatabase,
  type TestDatabase,
} from '@parley/testing';

jest.setTimeout(120_000);

interface ClusterState {
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly port: number }[];
}

const root = path.resolve(__dirname, '../../..');
const secret = 'a secret of the test, long enough for anybody';

describeWith('nats', 'redis')('npm run cluster', () => {
  const [nats, redis] = [natsForTests(), redisForTests()];
  let database: TestDatabase;
  let folder: string;
  let cluster: ChildProcess;
  let state: ClusterState;

  beforeAll(async () => {
    database = await testDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'parley-cluster-'));
    const stateFile = path.join(folder, 'state.json');
    cluster = spawn(process.execPath, ['tools/cluster.mjs'], {
      cwd: root,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        PORT: String(await freePort()),
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        NATS_SUBJECT_PREFIX: nats.prefix,
        REDIS_URL: redis.url,
        REDIS_KEY_PREFIX: redis.prefix,
        JWT_SECRET: secret,
        DRAIN_SECONDS: '0',
        CLUSTER_STATE_FILE: stateFile,
      },
    });
    state = await readState(stateFile, cluster);
  });
  afterAll(async () => {
    if (cluster.exitCode === null) {
      cluster.kill('SIGTERM');
      await once(cluster, 'exit');
    }
    await Promise.all([database.drop(), nats.cleanup(), redis.cleanup(), rm(folder, { recursive: true })]);
  });

  it('runs two gateways, two messaging processes, one presence and one media, each healthy', async () => {
    const names = state.processes.map(({ name }) => name).sort();
    expect(names).toEqual(['gateway-1', 'gateway-2', 'media-1', 'messaging-1', 'messaging-2', 'presence-1']);
    for (const { port } of state.processes) {
      const { status } = await new RestClient(`http://127.0.0.1:${port}`).get('/health');
      expect(status).toBe(200);
    }
    const [first, second] = ['gateway-1', 'gateway-2'].map((name) => portOf(state, name));
    expect(second).toBe(Number(first) + 1);
  });

  it('serves at every gateway', async () => {
    const token = signToken({ sub: 'alice' }, secret);
    for (const name of ['gateway-1', 'gateway-2']) {
      const { status } = await new RestClient(`http://127.0.0.1:${portOf(state, name)}`, token).get('/api/users/me');
      expect(status).toBe(200);
    }
  });

  it('drains all of them on SIGTERM, and exits with 0', async () => {
    cluster.kill('SIGTERM');
    await expect(once(cluster, 'exit')).resolves.toEqual([0, null]);
    expect(state.processes.filter(({ pid }) => isRunning(pid))).toEqual([]);
  });
});

/** The file appears whole when all processes are healthy. */
async function readState(file: string, cluster: ChildProcess): Promise<ClusterState> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return JSON.parse(text) as ClusterState;
    if (cluster.exitCode !== null) throw new Error(`the cluster ended with ${cluster.exitCode}`);
    await delay(50);
  }
}

function portOf({ processes }: ClusterState, name: string): number | undefined {
  return processes.find((each) => each.name === name)?.port;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
