import { setTimeout as delay } from 'node:timers/promises';
import { ConversationId, type PresenceStatus, UserId } from '@parley/contracts';
import { seededRandom } from '@parley/testing';
import type { Announcement, PresenceStore, PresenceTimes } from './presence.store';
import { ofUser, ofViewer, type Presentity } from './presentity';
import {
  arrive,
  knownOf,
  leave,
  long,
  nextChange,
  report,
  said,
  somebody,
  statusOf,
  times,
} from './presence-store.scene';

export interface SharedStore {
  /** One process' way to the same store. */
  open(times: PresenceTimes): Promise<PresenceStore>;
  /** The store loses all. */
  wipe(): Promise<void>;
}

/** What every PresenceStore must do. */
export function describePresenceStore(start: () => Promise<SharedStore>): void {
  let shared: SharedStore;
  let store: PresenceStore;
  let patient: PresenceStore;
  beforeAll(async () => {
    shared = await start();
    store = await shared.open(times);
    patient = await shared.open(long);
  });
  afterAll(async () => {
    await shared.wipe();
    store.close();
    patient.close();
  });
  beforeEach(() => shared.wipe());

  /** Arrives, and is announced. */
  const settleIn = async (who: Presentity, on = store, gatewayId = 'g1') => {
    expect(await on.settle(await arrive(on, who, gatewayId))).toEqual([]);
    return who;
  };

  describe('arrivals', () => {
    it('are handed out once, however often they are said', async () => {
      const who = somebody();
      expect(said(await arrive(patient, who))).toEqual([[who, 'online']]);
      expect(await arrive(patient, who)).toEqual([]);
      expect(await arrive(patient, who, 'g2')).toEqual([]);
    });

    it('change nothing for those who are here', async () => {
      const who = await settleIn(somebody(), patient);
      expect(await arrive(patient, who)).toEqual([]);
      expect(await arrive(patient, who, 'g2')).toEqual([]);
      expect(await statusOf(patient, who)).toBe('online');
    });

    it('are seen at once', async () => {
      const who = somebody();
      expect(await statusOf(patient, who)).toBe('offline');
      await arrive(patient, who);
      expect(await statusOf(patient, who)).toBe('online');
    });

    it('are those of users and of viewers alike', async () => {
      const viewer = ofViewer({ conversationId: ConversationId.parse('7'), userId: UserId.parse('a:b') });
      const who = ofUser(UserId.parse('a:b'));
      const announcements = await report(patient, 'g1', {
        present: [
          [who, null],
          [viewer, null],
        ],
      });
      expect(said(announcements)).toEqual([
        [who, 'online'],
        [viewer, 'online'],
      ]);
    });
  });

  describe('those who go', () => {
    it('are online for the grace', async () => {
      const who = await settleIn(somebody(), patient);
      expect(await leave(patient, who)).toEqual([]);
      expect(await statusOf(patient, who)).toBe('online');
    });

    it('are offline after the grace, since they went', async () => {
      const graceful = await shared.open({ ...long, graceMs: times.graceMs });
      const who = await settleIn(somebody(), graceful);
      const before = await clockOf(graceful);
      expect(await leave(graceful, who)).toEqual([]);
      const change = await nextChange(graceful, who);
      expect(change).toMatchObject({ status: 'offline', chosen: null });
      expect(change.lastSeenMs).toBeGreaterThanOrEqual(before);
      expect(change.lastSeenMs).toBeLessThanOrEqual((await clockOf(graceful)) - times.graceMs);
      expect(await statusOf(graceful, who)).toBe('offline');
      graceful.close();
    });

    it('and come back are one change: none', async () => {
      const who = await settleIn(somebody(), patient);
      for (let flaps = 0; flaps < 5; flaps++) {
        expect(await leave(patient, who)).toEqual([]);
        expect(await arrive(patient, who, flaps % 2 ? 'g2' : 'g1')).toEqual([]);
      }
      expect((await patient.sweep(100)).announcements).toEqual([]);
    });

    it('from one gateway and not from the other stay', async () => {
      const who = await settleIn(somebody(), patient);
      await arrive(patient, who, 'g2');
      await leave(patient, who, 'g1');
      expect((await patient.sweep(100)).looked).toBe(0);
      await leave(patient, who, 'g1');
      expect(await statusOf(patient, who)).toBe('online');
    });

    it('without a word are offline when their lease ends, since it was renewed last', async () => {
      const who = await settleIn(somebody());
      await arrive(store, who);
      const after = await clockOf(store);
      const change = await nextChange(store, who);
      expect(change.status).toBe('offline');
      expect(change.lastSeenMs).toBeLessThanOrEqual(after);
      expect(await clockOf(store)).toBeGreaterThanOrEqual(Number(change.lastSeenMs) + times.leaseMs);
    });

    it('without a word are spared for as long as gateways may have been kept from speaking, those who said so are not', async () => {
      const [silent, gone] = [await settleIn(somebody()), await settleIn(somebody())];
      await leave(store, gone);
      await delay(2 * times.leaseMs);
      expect(said((await store.sweep(100, 1)).announcements)).toEqual([[gone, 'offline']]);
      const { known: seen } = await store.read([silent, gone], 1);
      expect(seen.map(({ presentity, status }) => [presentity, status])).toEqual([[silent, 'online']]);
      expect(await arrive(store, silent)).toEqual([]);
    });

    it('leave nothing behind once it was announced and saved', async () => {
      const who = await settleIn(somebody());
      await leave(store, who);
      const change = await nextChange(store, who);
      await store.settle([change]);
      expect(await knownOf(store, who)).toEqual([
        { presentity: who, status: 'offline', lastSeenMs: change.lastSeenMs },
      ]);
      const unsaved = (await store.listUnsaved(1_000)).filter(([presentity]) => presentity === who);
      expect(unsaved).toEqual([[who, change.lastSeenMs]]);
      await store.markSaved([[who, Number(change.lastSeenMs) - 1]]);
      expect(await knownOf(store, who)).toHaveLength(1);
      await store.markSaved(unsaved);
      expect(await knownOf(store, who)).toEqual([]);
    });
  });

  describe('several processes', () => {
    it('hand a change out once between them', async () => {
      const everybody = Array.from({ length: 50 }, () => somebody());
      // What one has taken it has time to announce.
      const unhurried = { ...times, claimMs: long.claimMs };
      const processes = [await shared.open(unhurried), await shared.open(unhurried), await shared.open(unhurried)];
      const [first] = processes as [PresenceStore];
      const heard: Presentity[] = [];
      const hear = async (announcements: readonly Announcement[]) => {
        heard.push(...announcements.map(({ presentity }) => presentity));
        await first.settle(announcements);
      };
      const arrived = await report(first, 'g1', { present: everybody.map((who) => [who, null]) });
      await hear(await first.settle(arrived));
      while (heard.length < everybody.length) {
        const swept = await Promise.all(processes.map((each) => each.sweep(20)));
        for (const { announcements } of swept) await hear(announcements);
      }
      const last = await Promise.all(processes.map((each) => each.sweep(20)));
      expect(last.flatMap(({ announcements }) => announcements)).toEqual([]);
      expect([...heard].sort()).toEqual([...everybody].sort());
      processes.forEach((each) => each.close());
    });

    it('hand a change out again that one of them took to its grave', async () => {
      const who = somebody();
      const [taken] = await arrive(store, who);
      expect(taken?.status).toBe('online');
      await arrive(store, who, 'g2');
      const again = await nextChange(store, who);
      // The dead one was only slow: what it settles now is not the present announcement.
      expect(await store.settle(taken ? [taken] : [])).toEqual([]);
      expect(again.claim).toBeGreaterThan(taken?.claim ?? 0);
    });

    it('tell of an end that came while its beginning was announced', async () => {
      const who = somebody();
      const instant = await shared.open({ ...times, graceMs: 0, claimMs: 60_000 });
      const arrived = await arrive(instant, who);
      expect(await leave(instant, who)).toEqual([]);
      const next = await instant.settle(arrived);
      expect(said(next)).toEqual([[who, 'offline']]);
      expect(await instant.settle(next)).toEqual([]);
      if (instant !== store) instant.close();
    });
  });

  describe('a choice', () => {
    it.each(['away', 'busy'] as const)('of %s holds while there is a lease', async (status) => {
      const who = await settleIn(somebody());
      const { status: seen, announcements } = await store.choose(who, status);
      expect(seen).toBe(status);
      expect(announcements).toEqual([expect.objectContaining({ presentity: who, status, chosen: status })]);
      await store.settle(announcements);
      await arrive(store, who, 'g2');
      expect(await statusOf(store, who)).toBe(status);
      expect((await nextChange(store, who)).status).toBe('offline');
      await store.settle([]);
    });

    it('ends with the last lease', async () => {
      const who = await settleIn(somebody());
      await store.settle((await store.choose(who, 'busy')).announcements);
      await leave(store, who);
      await store.settle([await nextChange(store, who)]);
      expect(said(await arrive(store, who))).toEqual([[who, 'online']]);
    });

    it('survives a socket that is replaced', async () => {
      const who = await settleIn(somebody(), patient);
      await patient.settle((await patient.choose(who, 'busy')).announcements);
      await leave(patient, who);
      await arrive(patient, who, 'g2');
      expect(await statusOf(patient, who)).toBe('busy');
    });

    it('of offline hides those who are here, and who hides was last seen then', async () => {
      const who = await settleIn(somebody(), patient);
      const { announcements } = await patient.choose(who, 'offline');
      expect(announcements).toEqual([
        expect.objectContaining({ status: 'offline', chosen: 'offline', lastSeenMs: expect.any(Number) }),
      ]);
      await patient.settle(announcements);
      expect(await arrive(patient, who, 'g2')).toEqual([]);
      expect(await statusOf(patient, who)).toBe('offline');
      expect(said((await patient.choose(who, 'online')).announcements)).toEqual([[who, 'online']]);
    });

    it('is told to a gateway that says something else, and to no other', async () => {
      const who = await settleIn(somebody(), patient);
      await patient.settle((await patient.choose(who, 'offline')).announcements);
      const othersThan = async (chosen: PresenceStatus | null) =>
        (await patient.report({ gatewayId: 'g2', present: [[who, chosen]], gone: [], active: [] })).chosen;
      expect(await othersThan(null)).toEqual([[who, 'offline']]);
      expect(await othersThan('busy')).toEqual([[who, 'offline']]);
      expect(await othersThan('offline')).toEqual([]);
    });

    it('of offline says nothing more when they go', async () => {
      const who = await settleIn(somebody());
      await store.settle((await store.choose(who, 'offline')).announcements);
      await leave(store, who);
      while ((await store.sweep(100)).looked === 0) await delay(5);
      expect(said(await arrive(store, who))).toEqual([[who, 'online']]);
    });

    it('without a lease holds for a while, and longer with each request', async () => {
      const who = somebody();
      const { status, announcements } = await store.choose(who, 'away');
      expect([status, said(announcements)]).toEqual(['away', [[who, 'away']]]);
      await store.settle(announcements);
      const from = await clockOf(store);
      while ((await clockOf(store)) < from + 2 * times.holdMs) {
        await report(store, 'g1', { active: [who] });
        expect((await store.sweep(100)).announcements).toEqual([]);
        await delay(20);
      }
      expect((await nextChange(store, who)).status).toBe('offline');
    });

    it.each([
      ['away', 'away'],
      ['offline', 'online'],
    ] as const)('of %s without a lease is %s with the lease that comes', async (chosen, seen) => {
      const who = somebody();
      await store.settle((await store.choose(who, chosen)).announcements);
      await store.settle(await arrive(store, who));
      expect(await statusOf(store, who)).toBe(seen);
      await leave(store, who);
      expect((await nextChange(store, who)).status).toBe('offline');
    });

    it('is not made by requests alone', async () => {
      const who = somebody();
      expect(await report(patient, 'g1', { active: [who] })).toEqual([]);
      expect(await statusOf(patient, who)).toBe('offline');
    });
  });

  describe('a store that lost all', () => {
    it('tells for how long it has been filled since', async () => {
      await store.sweep(1);
      await delay(40);
      expect((await store.read([])).filledForMs).toBeGreaterThan(20);
      await shared.wipe();
      expect((await store.read([])).filledForMs).toBeLessThan(20);
    });

    it('is rebuilt from what gateways say next, with what was chosen', async () => {
      const [who, hidden, plain] = [somebody(), somebody(), somebody()];
      const announcements = await report(patient, 'g1', {
        present: [
          [who, 'busy'],
          [hidden, 'offline'],
          [plain, null],
        ],
      });
      expect(said(announcements)).toEqual([
        [who, 'busy'],
        [plain, 'online'],
      ]);
    });

    it('believes no gateway about the choice of those whom it knows', async () => {
      const who = await settleIn(somebody(), patient);
      expect(await arrive(patient, who, 'g2', 'away')).toEqual([]);
      expect(await statusOf(patient, who)).toBe('online');
    });
  });

  it('has no ghosts after a long random history', async () => {
    const random = seededRandom(7);
    const everybody = Array.from({ length: 40 }, () => somebody());
    const shown = new Map<Presentity, PresenceStatus>();
    const processes = [store, await shared.open(times)];
    const announce = async (announcements: Announcement[]) => {
      for (let next = announcements; next.length > 0;) {
        // Now and then a process dies before it settles.
        const isDead = random() < 0.05;
        for (const { presentity, status } of next) shown.set(presentity, status);
        next = isDead ? [] : await store.settle(next);
      }
    };
    for (let step = 0; step < 1_500; step++) {
      const who = everybody[Math.floor(random() * everybody.length)] as Presentity;
      const gatewayId = `g${1 + Math.floor(random() * 3)}`;
      const on = processes[step % 2] as PresenceStore;
      const dice = random();
      if (dice < 0.4) await announce(await arrive(on, who, gatewayId));
      else if (dice < 0.75) await announce(await leave(on, who, gatewayId));
      else if (dice < 0.85) await announce((await on.choose(who, 'busy')).announcements);
      else await announce((await on.sweep(10)).announcements);
    }
    const stays = everybody[0] as Presentity;
    const ghosts = () => everybody.filter((who) => who !== stays && (shown.get(who) ?? 'offline') !== 'offline');
    while (ghosts().length > 0) {
      await announce(await arrive(store, stays));
      await announce((await store.sweep(100)).announcements);
      await delay(10);
    }
    expect(await knownOf(store, ...everybody.slice(1))).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ status: 'online' })]),
    );
    expect(await statusOf(store, stays)).not.toBe('offline');
    if (processes[1] !== store) processes[1]?.close();
  });
}

/** The store's own time: since when somebody hides who is hiding now. */
async function clockOf(store: PresenceStore): Promise<number> {
  const who = somebody('clock');
  await store.settle(await arrive(store, who));
  const { announcements } = await store.choose(who, 'offline');
  await store.settle(announcements);
  return Number(announcements[0]?.lastSeenMs);
}
