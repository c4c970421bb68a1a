import type { LimitType } from '@parley/config';
import { AppError } from '@parley/errors';
import { type Attempt, isRefused } from './rate.limiter';

/** What a client is told about the limit that applied to what it did. */
export interface LimitState {
  readonly type: LimitType;
  readonly limit: number;
  /** Attempts in the window, with this one: `limit + 1` where it was refused. */
  readonly count: number;
  readonly remaining: number;
  readonly windowS: number;
  /** When a place gets free, in seconds since 1970; where all are taken, not before that. */
  readonly resetAt: number;
  /** The same in whole seconds from now, at least 1. */
  readonly retryAfterS: number;
  readonly isRefused: boolean;
}

/** @param now in milliseconds since 1970. */
export function toLimitState(attempt: Attempt, now: number): LimitState {
  const { bucket, count, freesInMs } = attempt;
  const { type, limit, windowMs } = bucket;
  return {
    type,
    limit,
    count,
    remaining: Math.max(0, limit - count),
    windowS: windowMs / 1_000,
    resetAt: Math.ceil((now + freesInMs) / 1_000),
    retryAfterS: Math.max(1, Math.ceil(freesInMs / 1_000)),
    isRefused: isRefused(attempt),
  };
}

/** The headers of every answer to a limited request; `Retry-After` comes with the refusal. */
export function headersOf({ limit, remaining, resetAt }: LimitState): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(resetAt),
  };
}

/** The error that refuses an attempt: its problem says which limit was reached, and when to come back. */
export function toRefusal({ type, limit, count, windowS, resetAt, remaining, retryAfterS }: LimitState): AppError {
  const message = `Too many ${type} requests`;
  return new AppError('rate_limited', {
    detail: message,
    retryAfterMs: retryAfterS * 1_000,
    extension: {
      error: 'Rate limit exceeded',
      message,
      rate_limit_info: {
        limit_type: type,
        current_count: count,
        limit,
        window: windowS,
        reset_time: resetAt,
        remaining,
      },
      retry_after: retryAfterS,
    },
  });
}
