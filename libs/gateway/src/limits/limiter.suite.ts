import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LimitType } from '@parley/config';
import type { UserId } from '@parley/contracts';
import { type Bucket, isRefused, type RateLimiter } from './rate.limiter';

const minute = 60_000;

/** A bucket of somebody whom nobody else counts, unless it is said whose. */
export function aBucket(bucket: Partial<Bucket> = {}): Bucket {
  return { type: 'message_send', userId: randomUUID() as UserId, limit: 3, windowMs: minute, ...bucket };
}

/** What every limiter promises, in the order in which attempts are made. */
export function limiterSuite(limiter: () => RateLimiter): void {
  const counts = async (times: number, ...buckets: Bucket[]): Promise<number[]> => {
    const seen: number[] = [];
    while (seen.length < times) seen.push((await limiter().attempt(buckets)).count);
    return seen;
  };

  it('counts to the limit and refuses what is beyond, again and again', async () => {
    expect(await counts(6, aBucket({ limit: 3 }))).toEqual([1, 2, 3, 4, 4, 4]);
  });

  it('counts attempts that are made at once, each for itself', async () => {
    const bucket = aBucket({ limit: 5 });
    const attempts = await Promise.all(Array.from({ length: 8 }, () => limiter().attempt([bucket])));
    expect(attempts.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6, 6, 6]);
  });

  it.each<[string, Partial<Bucket>]>([
    ['users', { userId: 'another' as UserId }],
    ['users whose ids differ by case', { userId: 'ALICE' as UserId }],
    ['users whose ids look alike', { userId: 'аlice' as UserId }],
    ['types', { type: 'file_upload' }],
  ])('keeps %s apart', async (_, other) => {
    const own = `alice-${randomUUID()}`;
    const userId = (id = 'alice') => `${id}${own}` as UserId;
    await counts(3, aBucket({ userId: userId() }));
    const bucket = aBucket({ ...other, userId: userId(other.userId) });
    expect(await counts(1, bucket)).toEqual([1]);
  });

  it('says when the oldest of the attempts leaves the window', async () => {
    const bucket = aBucket({ limit: 2 });
    const attempts = [];
    while (attempts.length < 4) attempts.push(await limiter().attempt([bucket]));
    const [first, ...later] = attempts.map(({ freesInMs }) => freesInMs);
    expect(first).toBe(minute);
    for (const freesInMs of later) {
      expect(freesInMs).toBeGreaterThan(0);
      expect(freesInMs).toBeLessThanOrEqual(minute);
    }
  });

  it('lets in as many in any window, wherever it begins, and no edge lets in more', async () => {
    const bucket = aBucket({ limit: 5, windowMs: 200 });
    const admitted: { readonly askedAt: number; readonly answeredAt: number }[] = [];
    while (admitted.length < 4 * bucket.limit) {
      const askedAt = performance.now();
      const attempt = await limiter().attempt([bucket]);
      if (!isRefused(attempt)) admitted.push({ askedAt, answeredAt: performance.now() });
      else if (admitted.length % bucket.limit === 0) await delay(attempt.freesInMs);
      else await delay(1);
    }
    const spans = admitted
      .slice(bucket.limit)
      .map(({ answeredAt }, index) => answeredAt - (admitted[index]?.askedAt ?? 0));
    // Redis counts in whole milliseconds.
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(bucket.windowMs - 1);
  });

  it('is not kept shut by refused attempts: a place gets free when it would have without them', async () => {
    const bucket = aBucket({ limit: 1, windowMs: 300 });
    // Made at once: a machine that stands still between them would have the place free again.
    const [first, second] = await Promise.all([limiter().attempt([bucket]), limiter().attempt([bucket])]);
    expect([isRefused(first), isRefused(second)]).toEqual([false, true]);
    let frees = second.freesInMs;
    for (;;) {
      const attempt = await limiter().attempt([bucket]);
      if (!isRefused(attempt)) break;
      expect(attempt.freesInMs).toBeLessThanOrEqual(frees);
      frees = attempt.freesInMs;
      await delay(10);
    }
  });

  it('is as large as who asks says, with what was counted before', async () => {
    const small = aBucket({ limit: 2 });
    const large = { ...small, limit: 4 };
    expect(await counts(3, small)).toEqual([1, 2, 3]);
    expect(await counts(3, large)).toEqual([3, 4, 5]);
    expect(await counts(1, small)).toEqual([3]);
  });

  it('lets an attempt in where each of its buckets does', async () => {
    const userId = randomUUID() as UserId;
    const of = (type: LimitType, limit: number) => aBucket({ type, userId, limit });
    const [wide, narrow] = [of('api', 5), of('message_send', 2)];
    const attempts = [];
    while (attempts.length < 7) attempts.push(await limiter().attempt([wide, narrow]));
    expect(attempts.map(({ bucket, count }) => [bucket.type, count])).toEqual([
      ['message_send', 1],
      ['message_send', 2],
      // Refused by the second, counted by the first.
      ['message_send', 3],
      ['message_send', 3],
      ['message_send', 3],
      // Refused by the first, not seen by the second.
      ['api', 6],
      ['api', 6],
    ]);
  });
}
