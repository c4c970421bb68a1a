// Every load and every baseline runs in a process of its own, so that its CPU is its own too. A plan goes in, a result comes out.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const exitMs = 5_000;

/** In the parent: a running child that has answered its plan once. */
class Child {
  #process;

  constructor(child, answer) {
    this.#process = child;
    this.answer = answer;
  }

  get pid() {
    return this.#process.pid;
  }

  /** Another plan for a child that answers each. */
  async ask(plan, timeoutMs) {
    return answerOf(this.#process, plan, timeoutMs);
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

/** Sends a plan. @returns what comes back */
async function answerOf(child, plan, timeoutMs) {
  const ended = new AbortController();
  const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended without a result (${signal ?? `code ${code}`})`);
  });
  child.send(plan);
  try {
    const [{ error, answer }] = await Promise.race([once(child, 'message'), exit]);
    if (error) throw new Error(`${child.spawnargs.at(-1)}: ${error}`);
    return answer;
  } finally {
    exit.catch(() => undefined);
    ended.abort();
    clearTimeout(late);
  }
}

/** Starts a child that stays (a server); `answer` is what it said when it was ready. */
export async function startChild(script, plan, timeoutMs = exitMs, execArgv = []) {
  const file = path.join(import.meta.dirname, script);
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv });
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  child.once('exit', () => process.off('exit', stopWithUs));
  return new Child(child, await answerOf(child, plan, timeoutMs));
}

/** Runs a child to its end. @returns what it found */
export async function runChild(script, plan, timeoutMs) {
  const child = await startChild(script, plan, timeoutMs);
  await child.stop();
  return child.answer;
}

/** In the child: does `work` with the parent's plan and sends back what it resolves with. */
export async function answerPlan(work) {
  const [plan] = await once(process, 'message');
  process.once('disconnect', () => process.exit());
  await answer(work, plan);
}

/** In a child that stays: the same for each plan, one after another. */
export function answerPlans(work) {
  process.on('message', (plan) => void answer(work, plan));
  process.once('disconnect', () => process.exit());
}

async function answer(work, plan) {
  try {
    process.send({ answer: await work(plan) });
  } catch (error) {
    process.send({ error: error.stack ?? String(error) });
  }
}
