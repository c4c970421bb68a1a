import { Redis } from 'ioredis';
import { isServiceUp } from './service.availability';
import { uniqueName } from './test.run';

/** The Redis of the tests, with a key prefix that nobody else uses. */
export interface TestRedis {
  readonly url: string;
  readonly isUp: boolean;
  /** For REDIS_KEY_PREFIX. */
  readonly prefix: string;
  /** Removes all keys under the prefix. */
  cleanup(): Promise<void>;
}

export function redisForTests(): TestRedis {
  const url = process.env['REDIS_URL'] || 'redis://127.0.0.1:6379';
  const prefix = uniqueName();
  const isUp = isServiceUp('redis');
  return { url, prefix, isUp, cleanup: async () => (isUp ? removeKeys(url, prefix) : undefined) };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
    }
  } finally {
    redis.disconnect();
  }
}
