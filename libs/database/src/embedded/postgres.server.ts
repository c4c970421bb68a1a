import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PostgresAccount } from './postgres.account';
import { findPostgres, type PostgresBinaries } from './postgres.binaries';
import { worksIn } from './process.identity';

export const superuser = 'parley';

/** Only this process connects, by its pool. What goes wrong with a statement is its own to tell, so errors are not logged. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** A checkpoint of all that is in memory may be due first. */
const stopTimeoutSeconds = 60;

/** The PostgreSQL server of one data directory: its files, and its process. */
export class PostgresServer {
  private process: ChildProcess | undefined;
  private end: Promise<string> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly binaries: PostgresBinaries,
    private readonly account: PostgresAccount,
  ) {}

  static async in(directory: string): Promise<PostgresServer> {
    const binaries = await findPostgres();
    const account = await PostgresAccount.find(directory, [path.dirname(binaries.postgres), path.dirname(directory)]);
    return new PostgresServer(directory, binaries, account);
  }

  /** Where the server writes what it has to say, beside its data. */
  get log(): string {
    return `${this.directory}.log`;
  }

  /** Makes the files, at the first start. Made elsewhere and then moved, so that a process killed meanwhile leaves no half. */
  async initialise(password: string): Promise<void> {
    if (existsSync(this.directory)) return;
    const draft = `${this.directory}.new`;
    const passwordFile = path.join(draft, 'password');
    const files = path.join(draft, 'files');
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    const { owner } = this.account;
    if (owner) for (const file of [draft, passwordFile]) await chown(file, owner.uid, owner.gid);
    await this.account.run(this.binaries.initdb, [
      `--pgdata=${files}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    await rename(files, this.directory);
    await rm(draft, { recursive: true });
  }

  /** Stops the server that a killed process left behind, in order; the next start then needs no recovery. */
  async stopOrphan(): Promise<void> {
    if (this.hasExited) this.process = undefined; // what it left behind is no child of this process
    const { pid } = await this.readStatus();
    if (!pid) return;
    // The number may have gone to a stranger, and then PostgreSQL would refuse to start.
    if (await worksIn(pid, this.directory)) await this.stop();
    else await rm(this.statusFile, { force: true });
  }

  /** Starts the server's process, and does not wait until it is ready. It outlives this one. */
  async start(port: number): Promise<void> {
    const log = await open(this.log, 'a', 0o600);
    try {
      const options = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]);
      this.process = this.account.spawn(this.binaries.postgres, ['-D', this.directory, ...options], log.fd);
      this.end = endOf(this.process);
      this.process.unref();
    } finally {
      await log.close();
    }
  }

  /** Does the process that {@link start} made accept connections? A stranger on its port does not count. */
  async isReady(): Promise<boolean> {
    const { pid, state } = await this.readStatus();
    return pid === this.process?.pid && state === 'ready';
  }

  /** Has the process that {@link start} made gone, or never come? */
  get hasExited(): boolean {
    if (!this.process) return false;
    const { pid, exitCode, signalCode } = this.process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** Resolves when the process that {@link start} made last has gone, or did not come: with how. */
  async ended(): Promise<string> {
    if (!this.end) throw new Error('The server was not started');
    return this.end;
  }

  /** The last lines of the log. */
  async lastWords(): Promise<string> {
    const text = await readFile(this.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-8).join('\n');
  }

  /** Ends all connections, writes what is in memory, and waits for the process to go. May be called again. */
  async stop(): Promise<void> {
    if (this.hasExited) return;
    this.process?.ref(); // else this process might end before it has seen the other's end
    try {
      // Without its last checkpoint it recovers from the log at the next start: slower, and nothing lost.
      await this.pgCtlStop('fast').catch(() => this.pgCtlStop('immediate'));
    } catch (error) {
      const { pid } = await this.readStatus();
      if (pid !== 0 && (!this.process || this.process.pid === pid)) throw error;
      this.kill(); // too young to be found by its directory, or gone meanwhile
    }
    if (this.process) await this.end;
  }

  /**
   * Has it end at once, and does not wait. What was committed is in its log, from which the next start recovers. For the last
   * moment of this process, when nothing can be awaited.
   */
  kill(): void {
    if (!this.hasExited) this.process?.kill('SIGQUIT');
  }

  private pgCtlStop(mode: 'fast' | 'immediate'): Promise<void> {
    const options = ['-D', this.directory, '-w', '-t', String(stopTimeoutSeconds)];
    return this.account.run(this.binaries.pgCtl, ['stop', ...options, '-m', mode]);
  }

  private get statusFile(): string {
    return path.join(this.directory, 'postmaster.pid');
  }

  /** What a server tells of itself in its directory, line by line; a pid of 0 where there is none. */
  private async readStatus(): Promise<{ pid: number; state: string }> {
    const lines = (await readFile(this.statusFile, 'utf8').catch(() => '')).split('\n');
    return { pid: Number(lines[0]), state: lines[7]?.trim() ?? '' };
  }
}

/** Never rejects: a program that cannot be run is a process that has ended. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
}
