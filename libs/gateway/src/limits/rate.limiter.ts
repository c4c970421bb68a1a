import type { LimitType } from '@parley/config';
import type { UserId } from '@parley/contracts';

/** One user's attempts at one kind of thing: those are limited together, wherever they come from. */
export interface Bucket {
  readonly type: LimitType;
  readonly userId: UserId;
  /** How many attempts may lie in any stretch of `windowMs` milliseconds. */
  readonly limit: number;
  readonly windowMs: number;
}

/** How an attempt went. */
export interface Attempt {
  /** The bucket that refused it, else the last one that counted it; its limit is the one that was applied. */
  readonly bucket: Bucket;
  /** The attempts in the window, this one included: `limit + 1` where it was refused. */
  readonly count: number;
  /** In how many milliseconds a place of the bucket gets free; always above 0. */
  readonly freesInMs: number;
}

/** Counts what users do. */
export abstract class RateLimiter {
  /**
   * Counts an attempt in one bucket after another until one refuses it.
   *
   * Any window, wherever it begins, holds at most `limit` attempts that were let in: there is no edge at which twice as
   * many get through. A refused attempt leaves the bucket that refused it as it was, so that trying again costs nothing.
   * Never rejects, and never waits long: where the count cannot be shared it is kept here.
   *
   * @param buckets at least one.
   */
  abstract attempt(buckets: readonly Bucket[]): Promise<Attempt>;
}

export const isRefused = ({ bucket, count }: Attempt): boolean => count > bucket.limit;
