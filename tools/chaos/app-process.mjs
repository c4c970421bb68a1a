import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { serverFlags } from '../server-flags.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const wrongClock = pathToFileURL(path.join(import.meta.dirname, 'wrong-clock.mjs')).href;
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const pollMs = 100;
const keptLines = 20;
const restartMs = 1_000;

/** One process of the cluster: it can be killed, paused and started again, and an end of its own is noticed. */
export class AppProcess {
  #child;
  #env;
  #flags;
  #log;
  #lines = [];
  /** The end is of our making. */
  #isMeantToEnd = false;
  /** Nobody disturbs it, and it has been ready since it was disturbed last. */
  #isSettled = false;
  #isPaused = false;
  /** Sentences on ends that were not, and on what it says a person must look at. */
  deaths = [];
  /** Sentences on when it was not alive or not ready, though nobody disturbed it. */
  lapses = [];

  /** @param clockOffMs how far its clock is ahead of everybody else's */
  constructor({ name, app, port, env, folder, clockOffMs = 0 }) {
    this.name = name;
    this.app = app;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...env, HOST: '127.0.0.1', PORT: String(port), CHAOS_CLOCK_OFF_MS: String(clockOffMs) };
    this.#flags = clockOffMs === 0 ? serverFlags : [...serverFlags, '--import', wrongClock];
    this.#log = createWriteStream(path.join(folder, `${name}.log`), { flags: 'a' });
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start() {
    this.#isMeantToEnd = false;
    const child = spawn(process.execPath, [...this.#flags, path.join(root, 'dist/apps', this.app, 'main.js')], {
      cwd: root,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C reaches the tool alone, which then stops its servers.
      detached: true,
    });
    this.#child = child;
    this.exited = once(child, 'exit').then(([code, signal]) => {
      if (!this.#isMeantToEnd) this.#died(signal ?? code);
      return code;
    });
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        this.#log.write(`${line}\n`);
        if (this.#lines.push(line) > keptLines) this.#lines.shift();
        if (/^\{"level":"(error|fatal)"/.test(line)) this.deaths.push(`${this.name} says: ${line}`);
      });
    }
  }

  /** A supervisor would start it again, too: what follows is about the others. */
  #died(how) {
    this.deaths.push(`${this.name} ended by itself (${how}): ${this.#lines.slice(-5).join(' ⏎ ')}`);
    setTimeout(() => {
      if (!this.#isMeantToEnd && !this.isRunning) this.start();
    }, restartMs).unref();
  }

  /** @returns {Promise<number | null>} the exit code */
  async end(signal) {
    this.#isMeantToEnd = true;
    this.#isSettled = false;
    if (!this.isRunning) return null;
    this.resume();
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs);
    const code = await this.exited;
    clearTimeout(late);
    return code;
  }

  pause() {
    this.#isPaused = true;
    this.#isSettled = false;
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#isPaused = false;
    this.#child.kill('SIGCONT');
  }

  /** Looks whether it calls itself alive and ready: what it depends on may be away, that is not its own state. */
  async observe() {
    if (!this.isRunning || this.#isPaused || this.#isMeantToEnd) return;
    const answers = await Promise.all(['/health/live', '/health/ready'].map((path) => this.#statusOf(path)));
    if (this.#isPaused || this.#isMeantToEnd) return;
    if (answers.every((status) => status === 200)) this.#isSettled = true;
    // Without an answer in time the machine is to blame, as far as one can tell.
    else if (this.#isSettled && !answers.includes(undefined)) {
      this.#isSettled = false;
      this.lapses.push(`${this.name} answered ${answers.join(' and ')} to /health/live and /health/ready`);
    }
  }

  async #statusOf(path) {
    const asked = fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(2_000) });
    return asked.then(({ status }) => status).catch(() => undefined);
  }

  /** @throws Error with its last words, when the process exits or is not healthy in time */
  async becomesHealthy() {
    const until = performance.now() + startTimeoutMs;
    while (this.isRunning && performance.now() < until) {
      if (await this.isHealthy()) return;
      await delay(pollMs);
    }
    const detail = await this.#ask('/health/detailed').catch(String);
    throw new Error(`${this.name} did not become healthy: ${JSON.stringify(detail)}\n${this.#lines.join('\n')}`);
  }

  async isHealthy() {
    try {
      return (await this.#ask('/health')).status === 'healthy';
    } catch {
      return false;
    }
  }

  async #ask(path) {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(2_000) });
    return response.json();
  }
}
