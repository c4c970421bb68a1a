// PostgreSQL, NATS and Redis of the run's own, which can be restarted, killed and wiped.
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis as RedisClient } from 'ioredis';
import pg from 'pg';
import { isReachable } from '../reachable.mjs';
import { PostgresServer } from './product.mjs';

const pollMs = 25;
const startTimeoutMs = 30_000;

/** @returns {string[]} a sentence for each program that is not there */
export function missingPrograms() {
  const isThere = (program) =>
    (process.env.PATH ?? '').split(path.delimiter).some((folder) => isExecutable(path.join(folder, program)));
  return ['nats-server', 'redis-server']
    .filter((program) => !isThere(program))
    .map((program) => `${program} is not in PATH: install it (Debian: apt-get install ${program}).`);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function until(what, isTrue) {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what} within ${startTimeoutMs} ms: it did not`);
    await delay(pollMs);
  }
}

/** A server that is one program with arguments. */
class ServiceProcess {
  #child;
  #log;

  constructor({ program, args, port, folder }) {
    this.program = program;
    this.args = args;
    this.port = port;
    this.#log = path.join(folder, `${program}.log`);
  }

  async start() {
    const log = openSync(this.#log, 'a');
    this.#child = spawn(this.program, this.args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    await until(`${this.program} answers`, () => isReachable(`tcp://127.0.0.1:${this.port}`, this.port));
  }

  async stop(signal = 'SIGKILL') {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}

export class Nats extends ServiceProcess {
  #store;

  constructor({ port, folder }) {
    const store = path.join(folder, 'jetstream');
    super({ program: 'nats-server', args: ['-js', '-sd', store, '-a', '127.0.0.1', '-p', `${port}`], port, folder });
    this.#store = store;
  }

  /** All that it keeps is lost. Only while it is stopped. */
  wipe() {
    rmSync(this.#store, { recursive: true, force: true });
  }
}

export class Redis extends ServiceProcess {
  constructor({ port, folder }) {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
    super({ program: 'redis-server', args, port, folder });
  }

  async flush() {
    const client = new RedisClient({ host: '127.0.0.1', port: this.port });
    try {
      await client.flushall();
    } finally {
      client.disconnect();
    }
  }
}

export class Postgres {
  #server;
  #directory;
  #password = randomBytes(18).toString('base64url');

  constructor({ port, folder }) {
    this.port = port;
    this.#directory = path.join(folder, 'postgres/data');
    mkdirSync(path.dirname(this.#directory), { recursive: true, mode: 0o755 });
  }

  url(database = 'parley') {
    return `postgresql://parley:${this.#password}@127.0.0.1:${this.port}/${database}`;
  }

  /** With an empty database `parley`. */
  async create() {
    this.#server = await PostgresServer.in(this.#directory);
    await this.#server.initialise(this.#password);
    await this.start();
    const client = new pg.Client({ connectionString: this.url('postgres') });
    await client.connect();
    await client.query('CREATE DATABASE parley');
    await client.end();
  }

  async start() {
    await this.#server.start(this.port);
    await until('PostgreSQL is ready', () => this.#server.isReady());
  }

  /** `fast` ends all sessions in order, `immediate` is as good as a crash. */
  async halt(mode) {
    const [pid] = readFileSync(path.join(this.#directory, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await until('PostgreSQL stops', () => this.#server.hasExited);
  }

  stop() {
    return this.#server?.stop();
  }
}
