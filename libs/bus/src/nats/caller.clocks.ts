import type { Sending } from './request.bundle';

/** More callers than ever live at a time: those that were not heard for longest are forgotten. */
const maxKnown = 1_000;
/** Faster no two clocks drift apart, in milliseconds for each millisecond. */
const maxDrift = 0.0002;

interface KnownClock {
  /** How far this process's clock is ahead of the caller's, and the shortest way, in milliseconds. */
  readonly aheadMs: number;
  readonly heardAt: number;
}

/**
 * How far the clocks of callers are from this process's, told by when their requests were sent and came: what took longer
 * than the shortest way has waited.
 *
 * A caller counts as having the same clock as this process until it knows better (`clock` above 0). Requests that waited while
 * this process stood still are late then, also the first one. The price: requests of a caller that is behind by less than
 * their timeout have that much less time, until it is learned, 0.7 s in an hour.
 */
export class CallerClocks {
  private readonly known = new Map<string, KnownClock>();

  /** @returns how far this process's clock counts as ahead of the one that the requests of a message go by, in milliseconds. */
  aheadOf(caller: string, { clock, sentAt }: Sending): number {
    const heardAt = Date.now();
    const name = `${caller} ${clock}`;
    const aheadMs = Math.min(heardAt - sentAt, this.expected(name, clock, heardAt));
    this.remember(name, { aheadMs, heardAt });
    return aheadMs;
  }

  private expected(name: string, clock: number, now: number): number {
    const known = this.known.get(name);
    if (known) return known.aheadMs + maxDrift * Math.max(0, now - known.heardAt);
    return clock === 0 ? 0 : Infinity;
  }

  private remember(name: string, clock: KnownClock): void {
    this.known.delete(name);
    this.known.set(name, clock);
    if (this.known.size <= maxKnown) return;
    const [longestUnheard] = this.known.keys();
    if (longestUnheard !== undefined) this.known.delete(longestUnheard);
  }
}
