import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { describeWith, freePort, OwnRedis, redisForTests } from '@parley/testing';
import { Redis } from 'ioredis';
import { LimiterLink, type LinkConfig } from './limiter.link';
import { aBucket, limiterSuite } from './limiter.suite';
import { type Bucket, isRefused, type RateLimiter } from './rate.limiter';
import { RedisRateLimiter } from './redis-rate.limiter';

Logger.overrideLogger(false);

/** Longer than a busy machine may hold up an answer: what is tested is not how fast it is. */
const patientMs = 10_000;

const pollMs = 5;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(pollMs);
}

const countOf = async (limiter: RateLimiter, ...buckets: Bucket[]): Promise<number> =>
  (await limiter.attempt(buckets)).count;

/** How many attempts of so many are let in. */
async function admitted(limiter: RateLimiter, attempts: number, bucket: Bucket): Promise<number> {
  let count = 0;
  while (attempts-- > 0) if (!isRefused(await limiter.attempt([bucket]))) count++;
  return count;
}

/** Limiters that are stopped after the test. */
class Limiters {
  private readonly started: RedisRateLimiter[] = [];

  start(config: LinkConfig, answerTimeoutMs = patientMs): RedisRateLimiter {
    const limiter = new RedisRateLimiter(config, answerTimeoutMs);
    this.started.push(limiter);
    limiter.onApplicationBootstrap();
    return limiter;
  }

  async startShared(config: LinkConfig, answerTimeoutMs?: number): Promise<RedisRateLimiter> {
    const limiter = this.start(config, answerTimeoutMs);
    await until(() => limiter.isShared);
    return limiter;
  }

  async stop(): Promise<void> {
    await Promise.all(this.started.splice(0).map((limiter) => limiter.onApplicationShutdown()));
  }
}

const limiters = new Limiters();
afterEach(() => limiters.stop());

describeWith('redis')('a limiter on Redis', () => {
  const redis = redisForTests();
  const config = { url: redis.url, keyPrefix: redis.prefix };
  let limiter: RedisRateLimiter;
  beforeEach(async () => (limiter = await limiters.startShared(config)));
  afterAll(() => redis.cleanup());

  limiterSuite(() => limiter);

  it('counts with the others on that Redis', async () => {
    const other = await limiters.startShared(config);
    const bucket = aBucket({ limit: 4 });
    const counts: number[] = [];
    for (const each of [limiter, other, other, limiter, other, limiter]) counts.push(await countOf(each, bucket));
    expect(counts).toEqual([1, 2, 3, 4, 5, 5]);
  });

  it('lets in no more than the limit where many ask many limiters at once', async () => {
    const all = [limiter, await limiters.startShared(config), await limiters.startShared(config)];
    const bucket = aBucket({ limit: 10 });
    const attempts = await Promise.all(
      Array.from({ length: 20 }).flatMap(() => all.map((each) => each.attempt([bucket]))),
    );
    expect(attempts.filter((attempt) => !isRefused(attempt))).toHaveLength(10);
  });

  it('does not count with those of another deployment', async () => {
    const stranger = await limiters.startShared({ ...config, keyPrefix: `${redis.prefix}-other` });
    const bucket = aBucket();
    await countOf(limiter, bucket);
    expect(await countOf(stranger, bucket)).toBe(1);
  });

  it('leaves nothing in Redis for longer than the window', async () => {
    const bucket = aBucket({ windowMs: 50 });
    await countOf(limiter, bucket);
    const client = new Redis(redis.url);
    while ((await client.exists(`${redis.prefix}:limits:${bucket.type}:${bucket.userId}`)) > 0) await delay(pollMs);
    client.disconnect();
  });

  it('asks Redis no more about who is refused, until a place is free', async () => {
    const bucket = aBucket({ limit: 1, windowMs: 1_500 });
    const client = new Redis(redis.url);
    await client.ping();
    await countOf(limiter, bucket);
    const refused = await limiter.attempt([bucket]);
    await client.del(`${redis.prefix}:limits:${bucket.type}:${bucket.userId}`);
    client.disconnect();
    expect(isRefused(refused)).toBe(true);
    const refusals: number[] = [];
    for (let attempt = refused; isRefused(attempt); attempt = await limiter.attempt([bucket])) {
      refusals.push(attempt.freesInMs);
      await delay(1);
    }
    expect(refusals.length).toBeGreaterThan(1);
    expect(refusals).toEqual([...refusals].sort((a, b) => b - a));
  });

  it('knows how many gateways there are, and when one has left', async () => {
    const [one, other] = [new LimiterLink(config, patientMs), new LimiterLink(config, patientMs)];
    one.start();
    await until(() => one.isUp);
    expect(one.gateways).toBe(2);
    other.start();
    await until(() => other.isUp);
    expect(other.gateways).toBe(3);
    await one.close();
    const late = new LimiterLink(config, patientMs);
    late.start();
    await until(() => late.isUp);
    expect(late.gateways).toBe(3);
    await Promise.all([other.close(), late.close()]);
  });
});

describe('a limiter whose Redis cannot be reached', () => {
  it('counts by itself, with the whole limit where it knows of no others', async () => {
    const limiter = limiters.start({ url: `redis://127.0.0.1:${await freePort()}`, keyPrefix: 'test' });
    expect(await admitted(limiter, 10, aBucket({ limit: 4 }))).toBe(4);
    expect(limiter.isShared).toBe(false);
  });

  it('does not wait for one that accepts connections and says nothing', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const limiter = limiters.start({ url: `redis://127.0.0.1:${port}`, keyPrefix: 'test' }, 50);
    expect(await admitted(limiter, 10, aBucket({ limit: 4 }))).toBe(4);
    await limiters.stop();
    silent.close();
  });
});

describeWith('redis-server')('limiters that lose their Redis', () => {
  let redis: OwnRedis;
  let config: LinkConfig;

  beforeEach(async () => {
    redis = await OwnRedis.start();
    config = { url: redis.url, keyPrefix: 'test' };
  });
  afterEach(async () => {
    await limiters.stop();
    await redis.kill();
  });

  /** The second has come last: it is the one that knows of all. */
  const startTwo = async (answerTimeoutMs?: number): Promise<RedisRateLimiter> => {
    await limiters.startShared(config, answerTimeoutMs);
    return limiters.startShared(config, answerTimeoutMs);
  };

  it('let in their share each, and never nobody, from the first attempt that fails', async () => {
    const limiter = await startTwo();
    const bucket = aBucket({ limit: 7 });
    expect(await countOf(limiter, bucket)).toBe(1);
    await redis.kill();
    expect(await admitted(limiter, 10, bucket)).toBe(3);
    expect(await admitted(limiter, 10, aBucket({ limit: 1 }))).toBe(1);
    expect(limiter.isShared).toBe(false);
  });

  it('keep refusing those who were refused', async () => {
    const limiter = await startTwo();
    const bucket = aBucket({ limit: 2 });
    expect(await admitted(limiter, 3, bucket)).toBe(2);
    await redis.kill();
    await until(() => !limiter.isShared);
    expect(await admitted(limiter, 3, bucket)).toBe(0);
  });

  it('count together again when it is back', async () => {
    const limiter = await startTwo();
    await redis.kill();
    await until(() => !limiter.isShared);
    await redis.restart();
    await until(() => limiter.isShared);
    const other = await limiters.startShared(config);
    const bucket = aBucket({ limit: 2 });
    expect([await countOf(limiter, bucket), await countOf(other, bucket)]).toEqual([1, 2]);
  });

  it('do without while it hangs, and count together again when it goes on', async () => {
    const limiter = await startTwo(1_000);
    const bucket = aBucket({ limit: 4 });
    redis.hang();
    expect(await admitted(limiter, 10, bucket)).toBe(2);
    expect(limiter.isShared).toBe(false);
    redis.goOn();
    await until(() => limiter.isShared);
  });
});
