export interface FloodLimits {
  /** Frames that may come at once. */
  readonly burst: number;
  /** Frames a second that may come for ever. */
  readonly perSecond: number;
}

/** Far above what a client does that waits for answers: this keeps a socket from taking a core, it is not a rate limit. */
export const floodLimits: FloodLimits = { burst: 10_000, perSecond: 10_000 };

/** A socket that came too far is left alone for so long at least, in milliseconds. */
const minPauseMs = 50;

/** A token bucket that the frames of a socket draw from. */
export class FloodGuard {
  /** Below zero by frames that were already read when the bucket ran dry. */
  private tokens: number;
  private filledAt: number;

  /** @param now the time in milliseconds. */
  constructor(
    private readonly limits: FloodLimits,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = limits.burst;
    this.filledAt = now();
  }

  /** Takes the token of one frame. @returns for how many milliseconds nothing more should be read, mostly 0. */
  take(): number {
    if (this.tokens < 1) this.refill();
    this.tokens--;
    return this.tokens >= 0 ? 0 : Math.max(minPauseMs, Math.ceil((-this.tokens * 1_000) / this.limits.perSecond));
  }

  /** Only when the bucket is empty, because reading the clock costs more than the rest: earlier time counts, up to the burst. */
  private refill(): void {
    const now = this.now();
    this.tokens = Math.min(this.limits.burst, this.tokens + ((now - this.filledAt) * this.limits.perSecond) / 1_000);
    this.filledAt = now;
  }
}
