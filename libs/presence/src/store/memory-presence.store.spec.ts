import { MemoryPresenceStore } from './memory-presence.store';
import { times } from './presence-store.scene';
import { describePresenceStore } from './presence-store.suite';

describe('MemoryPresenceStore', () => {
  describePresenceStore(async () => {
    // Processes of a store in memory are one: times are what the only one has.
    const entries = new Map<string, MemoryPresenceStore>();
    return {
      open: async (own) => {
        const key = JSON.stringify(own);
        const present = entries.get(key) ?? new MemoryPresenceStore(own);
        entries.set(key, present);
        return present;
      },
      wipe: async () => entries.forEach((each) => each.close()),
    };
  });

  it('needs no more than what it was told to tell when a gateway is dead', async () => {
    let now = 1_000_000;
    const store = new MemoryPresenceStore(times, () => now);
    const who = 'u:bob' as never;
    const here = await store.report({ gatewayId: 'g1', present: [[who, null]], gone: [], active: [] });
    await store.settle(here.announcements);
    now += times.leaseMs - 1;
    expect((await store.sweep(10)).looked).toBe(0);
    now += 1;
    expect((await store.sweep(10)).announcements).toEqual([
      { presentity: who, status: 'offline', chosen: null, lastSeenMs: 1_000_000, claim: 2 },
    ]);
  });
});
