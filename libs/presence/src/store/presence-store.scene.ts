import { setTimeout as delay } from 'node:timers/promises';
import { type PresenceStatus, UserId } from '@parley/contracts';
import type { Announcement, PresenceStore, PresenceTimes } from './presence.store';
import { ofUser, type Presentity } from './presentity';

/** For what ends by itself: short, and longer than a busy machine holds up one step of a test. */
export const times: PresenceTimes = { leaseMs: 1_500, graceMs: 150, holdMs: 1_500, claimMs: 300 };
/** What never ends while a test runs. */
export const long: PresenceTimes = { leaseMs: 60_000, graceMs: 60_000, holdMs: 60_000, claimMs: 60_000 };

let people = 0;

/** Somebody that no other test knows. */
export const somebody = (name = 'somebody'): Presentity => ofUser(UserId.parse(`${name}-${process.pid}-${++people}`));

export const report = async (
  store: PresenceStore,
  gatewayId: string,
  change: Partial<Parameters<PresenceStore['report']>[0]>,
) => (await store.report({ gatewayId, present: [], gone: [], active: [], ...change })).announcements;

export const arrive = (store: PresenceStore, who: Presentity, gatewayId = 'g1', chosen: PresenceStatus | null = null) =>
  report(store, gatewayId, { present: [[who, chosen]] });

export const leave = (store: PresenceStore, who: Presentity, gatewayId = 'g1') =>
  report(store, gatewayId, { gone: [who] });

export const said = (announcements: readonly Announcement[]) =>
  announcements.map(({ presentity, status }) => [presentity, status] as const);

/** Sweeps until something has changed for `who`. */
export async function nextChange(store: PresenceStore, who: Presentity): Promise<Announcement> {
  for (;;) {
    const { announcements } = await store.sweep(100);
    const found = announcements.find(({ presentity }) => presentity === who);
    if (found) return found;
    await delay(5);
  }
}

export const knownOf = async (store: PresenceStore, ...presentities: Presentity[]) =>
  (await store.read(presentities)).known;

export const statusOf = async (store: PresenceStore, who: Presentity): Promise<PresenceStatus> =>
  (await knownOf(store, who))[0]?.status ?? 'offline';
