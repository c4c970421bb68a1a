import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { serverFlags } from '../server-flags.mjs';

const pollMs = 100;
const endWithLauncher = pathToFileURL(path.join(import.meta.dirname, 'end-with-launcher.mjs')).href;

/** Where a process that listens on `host` is reached from here. */
export function localHost(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** One process of an app. Its output is passed on line by line, behind its name. */
export class AppProcess {
  #child;

  constructor({ app, index, port, env }) {
    this.app = app;
    this.name = `${app}-${index}`;
    this.port = port;
    this.url = `http://${localHost(env.HOST)}:${port}`;
    this.env = { ...env, PORT: String(port) };
  }

  get pid() {
    return this.#child?.pid;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start() {
    const args = [...serverFlags, '--import', endWithLauncher, `dist/apps/${this.app}/main.js`];
    // Its own process group: a Ctrl-C reaches the cluster alone, which then drains its processes. The channel carries nothing:
    // that it closes tells the process that the cluster is gone.
    const options = { env: this.env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true };
    this.#child = spawn(process.execPath, args, options);
    this.exited = once(this.#child, 'exit').then(([code, signal]) => signal ?? `code ${code}`);
    this.#forward(this.#child.stdout, process.stdout);
    this.#forward(this.#child.stderr, process.stderr);
  }

  signal(name) {
    if (this.isRunning) this.#child.kill(name);
  }

  /** Resolves with true once /health answers 200, with false when the process exits before. */
  async becomesHealthy() {
    while (this.isRunning) {
      if (await this.#isHealthy()) return true;
      await delay(pollMs);
    }
    return false;
  }

  async #isHealthy() {
    try {
      const { status } = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2_000) });
      return status === 200;
    } catch {
      return false;
    }
  }

  #forward(from, to) {
    createInterface({ input: from }).on('line', (line) => to.write(`${this.name.padEnd(12)} | ${line}\n`));
  }
}
