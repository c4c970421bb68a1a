import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from './deployment';

const root = path.resolve(__dirname, '../../../..');
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const pollMs = 25;
const probeTimeoutMs = 2_000;
/** Of the parent's environment only this reaches a process: what it is configured with is what the test says. */
const inherited = ['PATH', 'HOME', 'USER', 'TMPDIR', 'LANG', 'LC_ALL'];

const running = new Set<AppProcess>();
process.on('exit', () => running.forEach((each) => each.abandon()));

export interface AppOptions {
  readonly name: string;
  /** The folder of `dist/apps`. */
  readonly app: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** One built app as a process, with all that it prints. */
export class AppProcess {
  readonly url: string;
  private child: ChildProcess | undefined;
  private exited: Promise<Exit> | undefined;
  private printed = '';

  constructor(private readonly options: AppOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get name(): string {
    return this.options.name;
  }

  get output(): string {
    return this.printed;
  }

  /** @returns once it is healthy, with all that it depends on. @throws with the output, when it ends before or takes a minute. */
  async start(): Promise<void> {
    const { app, env, port } = this.options;
    const bundle = path.join(root, 'dist/apps', app, 'main.js');
    if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run "npm run build" first`);
    const child = spawn(process.execPath, ['--enable-source-maps', bundle], {
      cwd: root,
      env: { ...inheritedEnvironment(), HOST: '127.0.0.1', PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    running.add(this);
    const print = (chunk: Buffer) => (this.printed += chunk.toString());
    child.stdout.on('data', print);
    child.stderr.on('data', print);
    this.exited = once(child, 'exit').then(([code, signal]) => {
      running.delete(this);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    await this.becomesHealthy();
  }

  /** @returns once it has ended; at once if it had. A process that does not heed the signal is killed, which the answer tells. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    if (!this.child || !this.exited) return { code: null, signal: null };
    this.child.kill(signal);
    const killer = setTimeout(() => this.child?.kill('SIGKILL'), stopTimeoutMs);
    const exit = await this.exited;
    clearTimeout(killer);
    return exit;
  }

  /** For the last moment of the parent, when nothing can be awaited: the process is left to stop what it has started. */
  abandon(): void {
    this.child?.kill('SIGTERM');
  }

  private get hasEnded(): boolean {
    return this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async becomesHealthy(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (!(await this.isHealthy())) {
      if (this.hasEnded) throw new Error(`${this.name} ended while starting:\n${this.printed}`);
      if (Date.now() > deadline) {
        await this.kill('SIGKILL');
        throw new Error(`${this.name} did not get healthy within ${startTimeoutMs} ms:\n${this.printed}`);
      }
      await delay(pollMs);
    }
  }

  private async isHealthy(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(probeTimeoutMs) });
      return ((await response.json()) as { status?: unknown }).status === 'healthy';
    } catch {
      return false;
    }
  }
}

function inheritedEnvironment(): Record<string, string> {
  const present = inherited.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(present.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
