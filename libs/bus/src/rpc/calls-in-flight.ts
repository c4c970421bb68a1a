import { setTimeout as delay } from 'node:timers/promises';

/** The calls that handlers work on. */
export class CallsInFlight {
  private readonly deadlines = new Map<Promise<void>, number>();

  /** @param call must not reject. */
  add(call: Promise<void>, deadlineAt: number): void {
    this.deadlines.set(call, deadlineAt);
    void call.then(() => this.deadlines.delete(call));
  }

  /** Resolves when each has been answered, or nobody waits for its answer any more. */
  async settled(): Promise<void> {
    const overdue = new AbortController();
    const calls = [...this.deadlines].map(([call, deadlineAt]) => {
      const expiry = delay(Math.max(0, deadlineAt - Date.now()), undefined, { signal: overdue.signal });
      return Promise.race([call, expiry.catch(() => undefined)]);
    });
    await Promise.all(calls);
    overdue.abort();
  }
}
