import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { LimiterLink, type LinkConfig } from './limiter.link';
import { LocalRateLimiter } from './local-rate.limiter';
import { type Attempt, type Bucket, isRefused, RateLimiter } from './rate.limiter';

/** Refusals that are remembered: what more users than that try too often costs Redis a question each. */
const maxRefusals = 20_000;

interface Refusal {
  readonly attempt: Attempt;
  /** By the clock of `performance.now()`. */
  readonly endsAt: number;
}

/**
 * Counts in Redis, for all gateways together; one round trip an attempt.
 *
 * While Redis is away, or too slow, each gateway counts by itself and lets in its share: the limit divided by the number of
 * gateways that there were, at least 1.
 */
export class RedisRateLimiter extends RateLimiter implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly link: LimiterLink;
  private readonly local = new LocalRateLimiter();
  /** Nothing but time opens a bucket that is full: who hammers at it does not reach Redis. */
  private readonly refusals = new LRUCache<string, Refusal>({ max: maxRefusals });

  /** @param answerTimeoutMs how long an attempt may wait for Redis. */
  constructor(config: LinkConfig, answerTimeoutMs: number) {
    super();
    this.link = new LimiterLink(config, answerTimeoutMs);
  }

  /** Is the count the one of all gateways at present? */
  get isShared(): boolean {
    return this.link.isUp;
  }

  onApplicationBootstrap(): void {
    this.link.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.link.close();
  }

  override async attempt(buckets: readonly Bucket[]): Promise<Attempt> {
    const refused = buckets[0] && this.findRefusal(buckets[0]);
    if (refused) return refused;
    if (!this.link.isUp) return this.attemptHere(buckets);
    try {
      const attempt = await this.link.attempt(buckets);
      if (isRefused(attempt)) this.noteRefusal(attempt);
      return attempt;
    } catch {
      // The link has reported it.
      return this.attemptHere(buckets);
    }
  }

  private attemptHere(buckets: readonly Bucket[]): Promise<Attempt> {
    const { gateways } = this.link;
    const share = (limit: number) => Math.max(1, Math.floor(limit / gateways));
    return this.local.attempt(buckets.map((bucket) => ({ ...bucket, limit: share(bucket.limit) })));
  }

  private findRefusal(bucket: Bucket): Attempt | undefined {
    const refusal = this.refusals.get(keyOf(bucket));
    if (!refusal) return undefined;
    const freesInMs = refusal.endsAt - performance.now();
    return freesInMs > 0 ? { ...refusal.attempt, freesInMs } : undefined;
  }

  private noteRefusal(attempt: Attempt): void {
    this.refusals.set(keyOf(attempt.bucket), { attempt, endsAt: performance.now() + attempt.freesInMs });
  }
}

/** With the limit: who has got another role is counted anew. */
const keyOf = ({ type, limit, userId }: Bucket): string => `${type}:${limit}:${userId}`;
