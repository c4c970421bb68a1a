import { Redis } from 'ioredis';

/** What is asked of Redis from outside; everything else that is counted runs inside of scripts. */
const asked = new Set(['evalsha', 'eval', 'zrange', 'publish', 'spublish', 'multi', 'exec']);
/** The bench's own. */
const own = new Set(['info', 'ping', 'hello', 'client', 'command']);

/** Counts what a Redis does, for all of its clients: the bench should be the only one that uses it. */
export class RedisCommands {
  #redis;

  constructor(url) {
    this.#redis = new Redis(url);
  }

  /** @returns {Promise<{ roundTrips: number, commands: number }>} since Redis started */
  async count() {
    const text = await this.#redis.info('commandstats');
    let [roundTrips, commands] = [0, 0];
    for (const [, name, calls] of text.matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g)) {
      const [word] = name.split('|');
      if (own.has(word)) continue;
      commands += Number(calls);
      if (asked.has(word)) roundTrips += Number(calls);
    }
    return { roundTrips, commands };
  }

  close() {
    this.#redis.disconnect();
  }
}
