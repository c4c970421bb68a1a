import { EventBus } from '@parley/bus';
import { type PayloadOf, PresenceChanged, ViewingChanged } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { type Announcement, PresenceStore } from '../store/presence.store';
import { userOf, viewerOf } from '../store/presentity';

type StatusChange = PayloadOf<typeof PresenceChanged>['changes'][number];
type ViewingChange = PayloadOf<typeof ViewingChanged>['changes'][number];

/** Changes in one event: below what a message of the bus carries, whatever ids users have. */
const maxChanges = 500;

/** Tells the gateways what has changed, and only then the store that it was told. */
@Injectable()
export class PresenceAnnouncer {
  constructor(
    private readonly store: PresenceStore,
    private readonly events: EventBus,
  ) {}

  /**
   * Announces changes, and what changes while it does.
   *
   * @throws AppError `service_unavailable` when the store is away: what was not settled is announced again.
   */
  async announce(announcements: readonly Announcement[]): Promise<void> {
    for (let next = announcements; next.length > 0;) {
      this.broadcast(next);
      next = await this.store.settle(next);
    }
  }

  private broadcast(announcements: readonly Announcement[]): void {
    for (let start = 0; start < announcements.length; start += maxChanges) {
      const part = announcements.slice(start, start + maxChanges);
      const statuses = part.flatMap((each) => toStatusChange(each) ?? []);
      const viewing = part.flatMap((each) => toViewingChange(each) ?? []);
      if (statuses.length > 0) this.events.broadcast(PresenceChanged, { v: 1, changes: statuses });
      if (viewing.length > 0) this.events.broadcast(ViewingChanged, { v: 1, changes: viewing });
    }
  }
}

function toStatusChange({ presentity, status, chosen, lastSeenMs }: Announcement): StatusChange | undefined {
  const userId = userOf(presentity);
  return userId && { userId, status, chosen, lastSeen: toTimestamp(lastSeenMs) };
}

function toViewingChange({ presentity, status }: Announcement): ViewingChange | undefined {
  const viewer = viewerOf(presentity);
  return viewer && { ...viewer, isViewing: status !== 'offline' };
}

export function toTimestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
