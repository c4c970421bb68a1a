import { type Attempt, type Bucket, isRefused, RateLimiter } from './rate.limiter';

/** How often buckets that are empty by now are forgotten, in milliseconds. */
const sweepMs = 60_000;

interface Counted {
  /** When the attempts were made that count, in milliseconds, oldest first. */
  readonly times: number[];
  /** From then on none of them counts. */
  emptyAt: number;
}

/** Counts in the memory of this process, for this process alone. */
export class LocalRateLimiter extends RateLimiter {
  private readonly counted = new Map<string, Counted>();
  private sweptAt: number;

  /** @param now the time in milliseconds, by a clock that is never set. */
  constructor(private readonly now: () => number = () => performance.now()) {
    super();
    this.sweptAt = now();
  }

  override async attempt(buckets: readonly Bucket[]): Promise<Attempt> {
    const now = this.now();
    this.sweep(now);
    let last: Attempt | undefined;
    for (const bucket of buckets) {
      last = this.count(bucket, now);
      if (isRefused(last)) break;
    }
    if (!last) throw new RangeError('an attempt needs a bucket');
    return last;
  }

  private count(bucket: Bucket, now: number): Attempt {
    const { limit, windowMs } = bucket;
    const counted = this.open(bucket);
    const { times } = counted;
    while (times[0] !== undefined && times[0] <= now - windowMs) times.shift();
    const isFull = times.length >= limit;
    if (!isFull) {
      times.push(now);
      counted.emptyAt = now + windowMs;
    }
    // Where the limit was lowered meanwhile, more than the oldest have to go.
    const leaving = times[Math.max(0, times.length - limit)] ?? now;
    return { bucket, count: isFull ? limit + 1 : times.length, freesInMs: windowMs - (now - leaving) };
  }

  private open({ type, userId }: Bucket): Counted {
    const key = `${type}:${userId}`;
    let counted = this.counted.get(key);
    if (!counted) this.counted.set(key, (counted = { times: [], emptyAt: 0 }));
    return counted;
  }

  private sweep(now: number): void {
    if (now - this.sweptAt < sweepMs) return;
    this.sweptAt = now;
    for (const [key, { emptyAt }] of this.counted) if (emptyAt <= now) this.counted.delete(key);
  }
}
