import { Redis } from 'ioredis';
import { describeWith } from './service.availability';
import { redisForTests } from './test.redis';

describeWith('redis')('Redis for tests', () => {
  it('removes the keys of its own prefix, and no others', async () => {
    const [mine, other] = [redisForTests(), redisForTests()];
    const redis = new Redis(mine.url);
    await redis.mset(Object.fromEntries([mine, other].map(({ prefix }) => [`${prefix}:key`, 'value'])));
    await mine.cleanup();
    expect(await redis.mget(`${mine.prefix}:key`, `${other.prefix}:key`)).toEqual([null, 'value']);
    await other.cleanup();
    expect(await redis.exists(`${other.prefix}:key`)).toBe(0);
    redis.disconnect();
  });
});
