/** How long after its time a call may still be waited for, in milliseconds. */
export const sweepMs = 20;

/** What ends when nobody may wait for it any longer. */
export interface Expiring {
  /** By `performance.now()`, which no clock that is set can move. */
  readonly expiresAt: number;
}

/**
 * Ends what nobody may wait for any longer, up to {@link sweepMs} later: one timer looks through all that is pending, since
 * to set and clear one for each call costs more than to read its answer. Where nothing is pending there is no timer.
 */
export class ExpirySweep<Call extends Expiring> {
  private timer: NodeJS.Timeout | undefined;
  private sweeps = 0;

  /** @param expire is to take the call from `pending`. */
  constructor(
    private readonly pending: { readonly size: number; values(): Iterable<Call> },
    private readonly expire: (call: Call) => void,
  ) {}

  /**
   * How long this process has waited for anything, in milliseconds, a sweep for each turn in which it does: time in which it
   * stood still, and read no answers, is not in it.
   */
  get waitedMs(): number {
    return this.sweeps * sweepMs;
  }

  /** To be called when something has been added. */
  watch(): void {
    this.timer ??= setTimeout(() => this.sweep(), sweepMs);
  }

  private sweep(): void {
    this.timer = undefined;
    this.sweeps++;
    const now = performance.now();
    for (const call of this.pending.values()) if (now >= call.expiresAt) this.expire(call);
    if (this.pending.size > 0) this.watch();
  }
}
