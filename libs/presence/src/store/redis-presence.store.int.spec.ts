import { Logger } from '@nestjs/common';
import { UserId } from '@parley/contracts';
import { describeWith, freePort, redisForTests } from '@parley/testing';
import { Redis } from 'ioredis';
import { times } from './presence-store.scene';
import { describePresenceStore } from './presence-store.suite';
import { ofUser } from './presentity';
import { RedisPresenceStore } from './redis-presence.store';

Logger.overrideLogger(false);

const ready = async (store: RedisPresenceStore) => {
  while (!store.isUp()) await new Promise((resolve) => setTimeout(resolve, 5));
  return store;
};

describeWith('redis')('RedisPresenceStore', () => {
  const test = redisForTests();
  const config = { url: test.url, keyPrefix: test.prefix };
  const redis = new Redis(test.url);
  const keys = () => redis.keys(`*${test.prefix}*`);
  const wipe = async () => {
    const found = await keys();
    if (found.length > 0) await redis.unlink(found);
  };
  afterAll(async () => {
    await wipe();
    redis.disconnect();
  });

  describe('like any store', () => {
    describePresenceStore(async () => ({ open: (own) => ready(new RedisPresenceStore(config, own)), wipe }));
  });

  it('goes by the clock of Redis, whatever that of its process says', async () => {
    const store = await ready(new RedisPresenceStore(config, { ...times, leaseMs: 60_000 }));
    const skewed = jest.spyOn(Date, 'now').mockReturnValue(0);
    const who = ofUser(UserId.parse('skewed'));
    const here = await store.report({ gatewayId: 'g1', present: [[who, null]], gone: [], active: [] });
    await store.settle(here.announcements);
    skewed.mockReturnValue(8_000_000_000_000);
    expect((await store.sweep(10)).looked).toBe(0);
    skewed.mockRestore();
    expect((await store.read([who])).known).toEqual([{ presentity: who, status: 'online', lastSeenMs: null }]);
    store.close();
  });

  it('renews a thousand leases in one round trip', async () => {
    const store = await ready(new RedisPresenceStore(config, times));
    const present = Array.from({ length: 1_000 }, (_, n) => [ofUser(UserId.parse(`many-${n}`)), null] as const);
    const { announcements } = await store.report({ gatewayId: 'g1', present, gone: [], active: [] });
    expect(announcements).toHaveLength(1_000);
    store.close();
  });

  it('leaves no key behind for those who are offline and saved', async () => {
    await wipe();
    const store = await ready(new RedisPresenceStore(config, { ...times, graceMs: 0 }));
    const who = ofUser(UserId.parse('gone'));
    const here = await store.report({ gatewayId: 'g1', present: [[who, null]], gone: [], active: [] });
    await store.settle(here.announcements);
    const left = await store.report({ gatewayId: 'g1', present: [], gone: [who], active: [] });
    await store.settle(left.announcements);
    await store.markSaved(await store.listUnsaved(10));
    expect(await keys()).toEqual([]);
    store.close();
  });

  it('says so when Redis is away', async () => {
    const store = new RedisPresenceStore({ ...config, url: `redis://127.0.0.1:${await freePort()}` }, times);
    await expect(store.read([ofUser(UserId.parse('x'))])).rejects.toMatchObject({ code: 'service_unavailable' });
    expect([store.isUp(), await store.takesWrites()]).toEqual([false, false]);
    store.close();
  });
});
