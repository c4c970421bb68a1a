import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const tools = path.resolve(__dirname, '../../../tools');

/** Less than a test may take: one that hangs tells where. */
const patienceMs = 25_000;

const packages = { 'node_modules/prisma': { version: '1.0.0', integrity: 'of prisma' } };

/** Stands in for npm: notes that it was started, and installs as soon as the file `may-install` is there. */
const npm = `
  const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require('node:fs');
  appendFileSync('installs', process.pid + '\\n');
  const waiting = setInterval(() => {
    if (!existsSync('may-install')) return;
    clearInterval(waiting);
    mkdirSync('node_modules/prisma', { recursive: true });
    writeFileSync('node_modules/prisma/package.json', '{"version":"1.0.0"}');
    writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify({ packages }))});
  }, 10);
`;

interface Run {
  readonly process: ChildProcess;
  readonly printed: () => string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

/** A clone of which only what the tool reads is there. */
class Clone {
  private readonly runs: Run[] = [];

  private constructor(private readonly folder: string) {}

  static async create(): Promise<Clone> {
    const clone = new Clone(await mkdtemp(path.join(tmpdir(), 'parley-bootstrap-')));
    for (const part of ['bootstrap.mjs', 'bootstrap']) {
      await cp(path.join(tools, part), clone.at('tools', part), { recursive: true });
    }
    await clone.write('tools/prisma.mjs', '');
    await clone.write('tools/npm.cjs', npm);
    await clone.write('package.json', JSON.stringify({ engines: { node: '>=20.19' } }));
    await clone.write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
    await clone.write('prisma/schema.prisma', '');
    await clone.write('libs/database/src/generated/index.ts', '');
    return clone;
  }

  bootstrap(): Run {
    const child = spawn(process.execPath, ['tools/bootstrap.mjs', '--no-build'], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], npm_execpath: this.at('tools/npm.cjs') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (printed += String(chunk)));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const run = { process: child, printed: () => printed, ended };
    this.runs.push(run);
    return run;
  }

  /** As `npm ci` of the user's own. */
  async install(): Promise<void> {
    await this.allowInstall();
    const child = spawn(process.execPath, [this.at('tools/npm.cjs')], { cwd: this.folder });
    await once(child, 'close');
  }

  allowInstall(): Promise<void> {
    return this.write('may-install', '');
  }

  /** The ids of the processes that installed, in order. */
  async installs(): Promise<number[]> {
    const lines = await readFile(this.at('installs'), 'utf8').catch(() => '');
    return lines.split('\n').filter(Boolean).map(Number);
  }

  async installing(times: number): Promise<number[]> {
    return eventually(async () => {
      const pids = await this.installs();
      return pids.length >= times ? pids : undefined;
    });
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(this.at(file)), { recursive: true });
    await writeFile(this.at(file), text);
  }

  remove(file: string): Promise<void> {
    return rm(this.at(file), { recursive: true, force: true });
  }

  /** Ends what a failed test has left. */
  async drop(): Promise<void> {
    for (const { process: child } of this.runs) child.kill('SIGKILL');
    await Promise.all(this.runs.map(({ ended }) => ended));
    for (const pid of (await this.installs()).filter(isRunning)) process.kill(pid, 'SIGKILL');
    await rm(this.folder, { recursive: true });
  }

  private at(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }
}

describe('tools/bootstrap.mjs', () => {
  let clone: Clone;

  beforeEach(async () => {
    clone = await Clone.create();
  });
  afterEach(() => clone.drop());

  it('installs and generates once', async () => {
    await clone.allowInstall();
    const first = clone.bootstrap();
    expect(await first.ended).toBe(0);
    expect(first.printed()).toMatch(/^Installing packages .*\nGenerating the Prisma client .*\n$/);
    const second = clone.bootstrap();
    expect(await second.ended).toBe(0);
    expect(second.printed()).toBe('');
  });

  it('takes for installed what npm ci of the user has installed', async () => {
    await clone.install();
    expect(await clone.bootstrap().ended).toBe(0);
    expect(await clone.installs()).toHaveLength(1);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends its install on %s, exits with %i, and installs anew at the next start', async (signal, code) => {
    const first = clone.bootstrap();
    const [npmId] = await clone.installing(1);
    first.process.kill(signal);
    expect(await first.ended).toBe(code);
    expect(isRunning(Number(npmId))).toBe(false);
    await clone.allowInstall();
    expect(await clone.bootstrap().ended).toBe(0);
    expect(await clone.installs()).toHaveLength(2);
  });

  it('installs once for two that start at the same time', async () => {
    const both = [clone.bootstrap(), clone.bootstrap()];
    await eventually(() => both.find((each) => each.printed().includes('Waiting for process')));
    await clone.installing(1);
    await clone.allowInstall();
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(await clone.installs()).toHaveLength(1);
  });

  it('waits for an install whose bootstrap was killed, and uses what it has installed', async () => {
    const first = clone.bootstrap();
    const [npmId] = await clone.installing(1);
    first.process.kill('SIGKILL');
    const second = clone.bootstrap();
    await eventually(() => second.printed().includes(`Waiting for process ${npmId}`) || undefined);
    await clone.allowInstall();
    expect(await second.ended).toBe(0);
    expect(await clone.installs()).toEqual([npmId]);
  });

  it('does not wait for a process that is gone', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(gone, 'exit');
    await clone.write('dist/install.lock', String(gone.pid));
    await clone.allowInstall();
    const run = clone.bootstrap();
    expect(await run.ended).toBe(0);
    expect(run.printed()).not.toContain('Waiting');
  });

  it.each([
    ['a package', 'node_modules/prisma'],
    ['the list that npm writes at its end', 'node_modules/.package-lock.json'],
  ])('installs anew where %s is missing', async (_, file) => {
    await clone.install();
    await clone.remove(file);
    expect(await clone.bootstrap().ended).toBe(0);
    expect(await clone.installs()).toHaveLength(2);
  });

  it('asks for a newer Node, in one sentence, and touches nothing', async () => {
    await clone.write('package.json', JSON.stringify({ engines: { node: '>=999.1' } }));
    const run = clone.bootstrap();
    expect(await run.ended).toBe(1);
    expect(run.printed()).toBe(`Parley needs Node 999.1 or later; this is ${process.versions.node}.\n`);
    expect(await clone.installs()).toEqual([]);
  });
});

/** Asks until there is an answer. */
async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await delay(20)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`no answer within ${patienceMs} ms`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
