import type { RpcContext } from './rpc.handler';
import { SlotMap } from './slot.map';

/** No timer waits for longer, in milliseconds. */
const maxDelayMs = 2 ** 31 - 1;

/** The calls that handlers work on. */
export class CallsInFlight {
  private readonly calls = new SlotMap<RpcContext>();
  private ended: () => void = () => undefined;

  /** @returns what names it when it is answered. */
  add(call: RpcContext): number {
    return this.calls.add(call);
  }

  /** The call is answered. */
  delete(call: number): void {
    this.calls.delete(call);
    this.ended();
  }

  /** Resolves when each has been answered, or nobody waits for its answer any more. */
  async settled(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const deadlines = [...this.calls.values()].flatMap(({ deadlineAt }) => (deadlineAt > now ? [deadlineAt] : []));
      if (deadlines.length === 0) return;
      await this.nextEnd(Math.min(maxDelayMs, ...deadlines.map((deadlineAt) => deadlineAt - now)));
    }
  }

  private nextEnd(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.ended(), timeoutMs);
      this.ended = () => {
        clearTimeout(timer);
        this.ended = () => undefined;
        resolve();
      };
    });
  }
}
