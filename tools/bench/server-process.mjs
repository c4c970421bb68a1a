import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { serverFlags } from '../server-flags.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const pollMs = 100;
const keptLines = 40;

/** One process of an app under test. What it prints is shown only when it fails. */
export class ServerProcess {
  #child;
  #lines = [];

  constructor({ name, app, port, env, profileDir, inspectPort }) {
    this.name = name;
    this.port = port;
    this.inspectPort = inspectPort;
    const profile = profileDir
      ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profileDir)}`, `--cpu-prof-name=${name}.cpuprofile`]
      : [];
    const inspect = inspectPort ? [`--inspect=127.0.0.1:${inspectPort}`] : [];
    this.#child = spawn(
      process.execPath,
      [...serverFlags, ...profile, ...inspect, path.join(root, 'dist/apps', app, 'main.js')],
      {
        cwd: root,
        env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A Ctrl-C reaches the bench alone, which then stops its servers.
        detached: true,
      },
    );
    this.exited = once(this.#child, 'exit');
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        if (this.#lines.push(line) > keptLines) this.#lines.shift();
      });
    }
  }

  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** @throws Error with its last words, when the process exits or /health is not 200 in time */
  async becomesHealthy() {
    const until = performance.now() + startTimeoutMs;
    while (this.isRunning && performance.now() < until) {
      if (await this.#isHealthy()) return;
      await delay(pollMs);
    }
    throw new Error(`${this.name} did not become healthy:\n${this.#lines.join('\n')}`);
  }

  async stop() {
    if (!this.isRunning) {
      console.error(`bench: ${this.name} had ended by itself:\n${this.#lines.join('\n')}`);
      return;
    }
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    await this.exited;
    clearTimeout(late);
  }

  async #isHealthy() {
    try {
      const { status } = await fetch(`http://127.0.0.1:${this.port}/health`, { signal: AbortSignal.timeout(2_000) });
      return status === 200;
    } catch {
      return false;
    }
  }
}

/** Ports that nobody listens on now. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
