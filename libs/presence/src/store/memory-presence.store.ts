import type { PresenceStatus } from '@parley/contracts';
import {
  type Announcement,
  type Known,
  PresenceStore,
  type PresenceTimes,
  type Report,
  type Reported,
  type Seen,
} from './presence.store';
import { type Presentity, userOf } from './presentity';

interface Entry {
  /** When each gateway said so last. */
  readonly leases: Map<string, number>;
  chosen: PresenceStatus | null;
  /** Until when what was chosen holds without a lease; 0 where it does not. */
  heldUntil: number;
  /** When the last lease was given back; 0 while there is one. */
  goneAt: number;
  /** As it was announced last. */
  shown: PresenceStatus;
  /** Until when the present announcement is left to the one who makes it; 0 while there is none. */
  claimedUntil: number;
  claims: number;
}

interface Look {
  readonly status: PresenceStatus;
  readonly isLive: boolean;
  /** When this may change by itself; undefined for never. */
  readonly until: number | undefined;
  readonly lastSeenMs: number;
}

/** The store of a single process. */
export class MemoryPresenceStore extends PresenceStore {
  private readonly entries = new Map<Presentity, Entry>();
  private readonly dueAt = new Map<Presentity, number>();
  private readonly unsaved = new Map<Presentity, number>();
  private since: number;

  /** @param now the time in milliseconds since 1970. */
  constructor(
    private readonly times: PresenceTimes,
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.since = now();
  }

  override async report({ gatewayId, present, gone, active }: Report): Promise<Reported> {
    const now = this.now();
    const others = present.flatMap(([presentity, said]): Reported['chosen'][number][] => {
      const { chosen } = this.grant(presentity, gatewayId, said, now);
      return chosen === said ? [] : [[presentity, chosen]];
    });
    for (const presentity of gone) this.end(presentity, gatewayId, now);
    for (const presentity of active) {
      const entry = this.entries.get(presentity);
      if (entry && entry.heldUntil > 0) entry.heldUntil = now + this.times.holdMs;
    }
    const concerned = [...present.map(([presentity]) => presentity), ...gone, ...active];
    return { announcements: this.lookAt(concerned, now), chosen: others };
  }

  override async choose(presentity: Presentity, status: PresenceStatus) {
    const now = this.now();
    const entry = this.entryOf(presentity);
    entry.chosen = status;
    if (!this.look(entry, now).isLive) {
      entry.heldUntil = now + this.times.holdMs;
      entry.goneAt = 0;
    }
    const { status: seen, lastSeenMs } = this.look(entry, now);
    return {
      status: seen,
      lastSeenMs: seen === 'offline' ? lastSeenMs : null,
      announcements: this.lookAt([presentity], now),
    };
  }

  override async sweep(limit: number, spareMs = 0) {
    const now = this.now();
    const due: Presentity[] = [];
    for (const [presentity, at] of this.dueAt) {
      if (at <= now && due.push(presentity) === limit) break;
    }
    return { looked: due.length, announcements: this.lookAt(due, now, spareMs) };
  }

  override async settle(announcements: readonly Announcement[]): Promise<Announcement[]> {
    const settled: Presentity[] = [];
    for (const { presentity, status, claim, lastSeenMs } of announcements) {
      const entry = this.entries.get(presentity);
      if (entry?.claims !== claim) continue;
      entry.shown = status;
      entry.claimedUntil = 0;
      if (lastSeenMs !== null && userOf(presentity) !== undefined) this.noteSeen(presentity, lastSeenMs);
      settled.push(presentity);
    }
    return this.lookAt(settled, this.now());
  }

  override async read(presentities: readonly Presentity[], spareMs = 0) {
    const now = this.now();
    const known = presentities.flatMap((presentity): Known[] => {
      const entry = this.entries.get(presentity);
      const status = entry ? this.look(entry, now, spareMs).status : 'offline';
      if (status !== 'offline') return [{ presentity, status, lastSeenMs: null }];
      const lastSeenMs = this.unsaved.get(presentity);
      return lastSeenMs === undefined ? [] : [{ presentity, status, lastSeenMs }];
    });
    return { known, filledForMs: now - this.since };
  }

  override async listUnsaved(limit: number): Promise<Seen[]> {
    return [...this.unsaved].sort(([, a], [, b]) => a - b).slice(0, limit);
  }

  override async markSaved(seen: readonly Seen[]): Promise<void> {
    for (const [presentity, at] of seen) if (this.unsaved.get(presentity) === at) this.unsaved.delete(presentity);
  }

  override isUp(): boolean {
    return true;
  }

  override takesWrites(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override close(): void {
    this.entries.clear();
    this.dueAt.clear();
    this.since = this.now();
  }

  private grant(presentity: Presentity, gatewayId: string, chosen: PresenceStatus | null, now: number): Entry {
    const isNew = !this.entries.has(presentity);
    const entry = this.entryOf(presentity);
    if (isNew) entry.chosen = chosen;
    // It hid sockets, and there were none.
    if (entry.heldUntil > 0 && entry.chosen === 'offline') entry.chosen = null;
    entry.leases.set(gatewayId, now);
    entry.goneAt = 0;
    entry.heldUntil = 0;
    return entry;
  }

  private end(presentity: Presentity, gatewayId: string, now: number): void {
    const entry = this.entries.get(presentity);
    if (entry?.leases.delete(gatewayId) && !this.look(entry, now).isLive) entry.goneAt = now;
  }

  /** What is seen of an entry. */
  private look(entry: Entry, now: number, spareMs = 0): Look {
    const { leaseMs, graceMs, holdMs } = this.times;
    const refreshedAt = Math.max(0, ...entry.leases.values());
    if (refreshedAt + leaseMs > now || (spareMs > 0 && refreshedAt > 0)) {
      const until = Math.max(refreshedAt + leaseMs, now + spareMs);
      return { status: entry.chosen ?? 'online', isLive: true, until, lastSeenMs: now };
    }
    if (entry.chosen !== null && entry.heldUntil > now) {
      return { status: entry.chosen, isLive: false, until: entry.heldUntil, lastSeenMs: now };
    }
    const lastSeenMs = Math.max(entry.goneAt, refreshedAt, entry.heldUntil - holdMs);
    const quietUntil = entry.goneAt + graceMs;
    if (quietUntil > now) return { status: entry.shown, isLive: false, until: quietUntil, lastSeenMs };
    return { status: 'offline', isLive: false, until: undefined, lastSeenMs };
  }

  private lookAt(presentities: Iterable<Presentity>, now: number, spareMs = 0): Announcement[] {
    return [...new Set(presentities)].flatMap((presentity) => this.claim(presentity, now, spareMs) ?? []);
  }

  /** Plans the next look, or hands the change out. */
  private claim(presentity: Presentity, now: number, spareMs: number): Announcement | undefined {
    const entry = this.entries.get(presentity);
    if (!entry) return void this.dueAt.delete(presentity);
    const { status, isLive, until, lastSeenMs } = this.look(entry, now, spareMs);
    if (entry.claimedUntil > now) return void this.dueAt.set(presentity, entry.claimedUntil);
    // A claim that was not settled: nobody knows whether it was announced.
    if (status === entry.shown && entry.claimedUntil === 0) {
      this.plan(presentity, entry, until, spareMs > 0 ? 0 : now - this.times.leaseMs);
      return undefined;
    }
    entry.claimedUntil = now + this.times.claimMs;
    entry.claims++;
    this.dueAt.set(presentity, entry.claimedUntil);
    const isHeld = isLive || entry.heldUntil > now;
    return {
      presentity,
      status,
      chosen: isHeld ? entry.chosen : null,
      lastSeenMs: status === 'offline' ? lastSeenMs : null,
      claim: entry.claims,
    };
  }

  private plan(presentity: Presentity, entry: Entry, until: number | undefined, expiredBefore: number): void {
    if (until === undefined) {
      this.entries.delete(presentity);
      this.dueAt.delete(presentity);
      return;
    }
    this.dueAt.set(presentity, until);
    if (entry.leases.size < 2) return;
    for (const [gatewayId, at] of entry.leases) {
      if (at <= expiredBefore) entry.leases.delete(gatewayId);
    }
  }

  private noteSeen(presentity: Presentity, lastSeenMs: number): void {
    this.unsaved.set(presentity, Math.max(lastSeenMs, this.unsaved.get(presentity) ?? 0));
  }

  private entryOf(presentity: Presentity): Entry {
    let entry = this.entries.get(presentity);
    if (!entry) {
      entry = {
        leases: new Map(),
        chosen: null,
        heldUntil: 0,
        goneAt: 0,
        shown: 'offline',
        claimedUntil: 0,
        claims: 0,
      };
      this.entries.set(presentity, entry);
    }
    return entry;
  }
}
