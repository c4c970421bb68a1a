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

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

/** Starts a child that stays (a server); `answer` is what it said when it was ready. */
export async function startChild(script, plan, timeoutMs = exitMs) {
  const child = fork(path.join(import.meta.dirname, script), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const stopWithUs = () => child.kill('SIGKILL');
  process.once('exit', stopWithUs);
  child.once('exit', () => process.off('exit', stopWithUs));
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${script} ended without a result (${signal ?? `code ${code}`})`);
  });
  child.send(plan);
  try {
    const [{ error, answer }] = await Promise.race([once(child, 'message'), ended]);
    if (error) throw new Error(`${script}: ${error}`);
    return new Child(child, answer);
  } finally {
    ended.catch(() => undefined);
    clearTimeout(late);
  }
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
  try {
    process.send({ answer: await work(plan) });
  } catch (error) {
    process.send({ error: error.stack ?? String(error) });
  }
}
