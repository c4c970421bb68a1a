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
  plainClient,
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

/** The command with stores, subjects, keys and ports of its own. */
class ClusterCommand {
  process!: ChildProcess;
  state: ClusterState = { processes: [] };
  private readonly nats = natsForTests();
  private readonly redis = redisForTests();
  private printed = '';

  private constructor(
    private readonly database: TestDatabase,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @returns once all processes are healthy, and that was printed */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ClusterCommand> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-cluster-'));
    const command = new ClusterCommand(await testDatabase(), folder, await freePort());
    try {
      await command.launch(settings);
      return command;
    } catch (error) {
      await command.stop();
      throw error;
    }
  }

  /** What the command itself has printed, without its processes. */
  get output(): string {
    return linesOf('cluster', this.printed);
  }

  async stop(): Promise<void> {
    if (isRunning(Number(this.process.pid))) {
      this.process.kill('SIGTERM');
      await once(this.process, 'exit');
    }
    // A killed command has stopped nothing: what a failed test leaves would stay.
    const orphans = this.process.signalCode === 'SIGKILL' ? this.state.processes : [];
    for (const { pid } of orphans) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    const made = [
      this.database.drop(),
      this.nats.cleanup(),
      this.redis.cleanup(),
      rm(this.folder, { recursive: true }),
    ];
    await Promise.all(made);
  }

  private async launch(settings: Readonly<Record<string, string>>): Promise<void> {
    const stateFile = path.join(this.folder, 'state.json');
    this.process = spawn(process.execPath, ['tools/cluster.mjs'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        PORT: String(this.port),
        DATABASE_URL: this.database.url,
        NATS_URL: this.nats.url,
        NATS_SUBJECT_PREFIX: this.nats.prefix,
        REDIS_URL: this.redis.url,
        REDIS_KEY_PREFIX: this.redis.prefix,
        JWT_SECRET: secret,
        DRAIN_SECONDS: '0',
        CLUSTER_STATE_FILE: stateFile,
        ...settings,
      },
    });
    for (const output of [this.process.stdout, this.process.stderr]) {
      output?.on('data', (chunk: Buffer) => (this.printed += String(chunk)));
    }
    this.state = await readState(stateFile, this.process);
    while (!this.output.includes('API docs') && isRunning(Number(this.process.pid))) await delay(50);
  }
}

describeWith('nats', 'redis')('npm run cluster', () => {
  let command: ClusterCommand;
  let cluster: ChildProcess;
  let state: ClusterState;

  beforeAll(async () => {
    command = await ClusterCommand.start();
    cluster = command.process;
    state = command.state;
  });
  afterAll(() => command?.stop());

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

  it('says where it is, where its docs are, and how to get a token', async () => {
    const url = `http://127.0.0.1:${command.port}`;
    expect(command.output).toContain(`Parley is up: ${url} http://127.0.0.1:${command.port + 1}`);
    expect(command.output).toContain(`API docs: ${url}/docs`);
    const [, issuer, body] = /curl -s (\S+) .* -d '(.*)'/.exec(command.output) ?? [];
    const answer = await fetch(String(issuer), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: String(body),
    });
    const { token } = (await answer.json()) as { token: string };
    const { status } = await new RestClient(url, token).get('/api/users/me');
    expect(status).toBe(200);
  });

  it('starts no second one on the same ports, and says what to do', async () => {
    const { code, printed } = await runToItsEnd({
      PORT: String(command.port),
      NATS_URL: natsForTests().url,
      REDIS_URL: redisForTests().url,
    });
    expect(code).toBe(1);
    expect(printed).toContain(`http://127.0.0.1:${command.port}, meant for gateway-1, is taken.`);
    expect(printed).toContain('Stop what listens there, or choose another PORT.');
  });

  it('drains all of them on SIGTERM, and exits with 0', async () => {
    cluster.kill('SIGTERM');
    await expect(once(cluster, 'exit')).resolves.toEqual([0, null]);
    expect(state.processes.filter(({ pid }) => isRunning(pid))).toEqual([]);
  });
});

describeWith('nats', 'redis')('a killed npm run cluster', () => {
  let command: ClusterCommand;

  beforeAll(async () => {
    command = await ClusterCommand.start({ GATEWAYS: '1', MESSAGING: '1' });
  });
  afterAll(() => command?.stop());

  it('leaves no process behind: each of them drains and ends', async () => {
    const socket = plainClient(`http://127.0.0.1:${command.port}`, signToken({ sub: 'alice' }, secret));
    await socket.session;
    command.process.kill('SIGKILL');
    await expect(socket.closed).resolves.toEqual({ code: 4000, reason: 'draining' });
    // A process that stays is what the time limit of the test finds.
    while (command.state.processes.some(({ pid }) => isRunning(pid))) await delay(50);
  });
});

describe('npm run cluster, wrongly configured', () => {
  it('names all that is wrong, once, and starts nothing', async () => {
    const settings = { PORT: '65500', GATEWAYS: 'abc', MESSAGING: '0', MEDIA: '-1', RESTART: 'perhaps', HOST: 'a b' };
    const { code, printed } = await runToItsEnd({ ...settings, DRAIN_SECONDS: 'soon', NATS_URL: 'somewhere' });
    expect(code).toBe(1);
    expect(printed.split('\n')).toEqual([
      'The configuration is not valid:',
      '  HOST: must be a host name or an address',
      '  PORT: must be a whole number from 1 to 65000',
      '  GATEWAYS: must be a whole number from 1 to 100',
      '  MESSAGING: must be a whole number from 1 to 100',
      '  MEDIA: must be a whole number from 1 to 100',
      '  RESTART: must be true, false, 1, 0, on or off',
      expect.stringMatching('^  NATS_URL: '),
      expect.stringMatching('^  DRAIN_SECONDS: '),
    ]);
  });

  it('says once what all of its processes would say', async () => {
    const { code, printed } = await runToItsEnd({ NODE_ENV: 'production', JWT_SECRET: 'short' });
    expect(code).toBe(1);
    expect(printed).toBe('The configuration is not valid:\n  JWT_SECRET: must have at least 32 bytes in production');
  });
});

/** For a cluster that does not start. */
async function runToItsEnd(settings: Readonly<Record<string, string>>): Promise<{ code: number; printed: string }> {
  const env = { PATH: process.env['PATH'], JWT_SECRET: secret, MEDIA_SECRET: secret, ...settings };
  const child = spawn(process.execPath, ['tools/cluster.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed: linesOf('cluster', printed) };
}

function linesOf(name: string, printed: string): string {
  const start = `${name.padEnd(12)} | `;
  const lines = printed.split('\n').filter((line) => line.startsWith(start));
  return lines.map((line) => line.slice(start.length)).join('\n');
}

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
