import type { PresenceStatus } from '@parley/contracts';
import type { Presentity } from './presentity';

/** In milliseconds. */
export interface PresenceTimes {
  /** What a gateway said holds for so long. */
  readonly leaseMs: number;
  /** Who went is not announced before, and not at all if it comes back until then. */
  readonly graceMs: number;
  /** A status that was set without a socket holds for so long after the last request. */
  readonly holdMs: number;
  /** A change that a process announces is left to it for so long; then it is taken for dead, and another one announces. */
  readonly claimMs: number;
}

/** What one run of one gateway says of its own sockets. */
export interface Report {
  readonly gatewayId: string;
  /** They are here; with what was chosen for them, in case the store has lost it. */
  readonly present: readonly (readonly [Presentity, PresenceStatus | null])[];
  /** They are here no longer. */
  readonly gone: readonly Presentity[];
  /** They made requests. */
  readonly active: readonly Presentity[];
}

/** A change that the process that gets it is to announce, and then to settle. */
export interface Announcement {
  readonly presentity: Presentity;
  readonly status: PresenceStatus;
  /** What was chosen, as long as that holds. */
  readonly chosen: PresenceStatus | null;
  /** Of `offline`: since when, in milliseconds since 1970. */
  readonly lastSeenMs: number | null;
  /** Names this announcement among those of the presentity. */
  readonly claim: number;
}

export interface Known {
  readonly presentity: Presentity;
  readonly status: PresenceStatus;
  /** Of `offline`: since when, in milliseconds since 1970. */
  readonly lastSeenMs: number | null;
}

/** What a report brings about. */
export interface Reported {
  readonly announcements: Announcement[];
  /** For whom of those present something else was chosen than the gateway said. */
  readonly chosen: readonly (readonly [Presentity, PresenceStatus | null])[];
}

/** When a user was last seen, as it is to be written to the profile. */
export type Seen = readonly [Presentity, lastSeenMs: number];

/**
 * Who is present, from leases that expire by the store's own clock. The Nest token of the implementation; several processes
 * may share one store.
 *
 * Guarantees: every change is handed out as an Announcement to one process at a time; it counts as made only once that
 * process settles it, so that none is lost when the process dies, and handed out twice only then. Changes of one presentity
 * are handed out one after another; what came and went meanwhile is left out.
 *
 * Every method throws AppError `service_unavailable` while the store is away.
 */
export abstract class PresenceStore {
  /** Grants or renews leases on those that are present, ends those on the ones that are gone. Idempotent. */
  abstract report(report: Report): Promise<Reported>;

  /** @returns what is seen now; with `offline` since when. */
  abstract choose(
    presentity: Presentity,
    status: PresenceStatus,
  ): Promise<Omit<Known, 'presentity'> & { readonly announcements: Announcement[] }>;

  /**
   * Looks at up to `limit` presentities that something has ended for.
   *
   * @param spareMs above 0, no lease ends before so long: gateways may have been kept from renewing theirs.
   * @returns how many those were, and what changed.
   */
  abstract sweep(
    limit: number,
    spareMs?: number,
  ): Promise<{ readonly looked: number; readonly announcements: Announcement[] }>;

  /** The changes were announced. @returns what has changed meanwhile, to be announced next. */
  abstract settle(announcements: readonly Announcement[]): Promise<Announcement[]>;

  /**
   * Those who are not offline, or whose profile does not tell yet since when.
   *
   * @param spareMs as in `sweep`.
   * @returns also for how long the store has been filled since it was empty: those who have not been reported yet look offline.
   */
  abstract read(
    presentities: readonly Presentity[],
    spareMs?: number,
  ): Promise<{ readonly known: Known[]; readonly filledForMs: number }>;

  /** Users whose `offline` was settled and whose profile does not tell yet, oldest first. */
  abstract listUnsaved(limit: number): Promise<Seen[]>;

  /** Their profiles tell now; those who were seen again since stay unsaved. */
  abstract markSaved(seen: readonly Seen[]): Promise<void>;

  abstract isUp(): boolean | Promise<boolean>;

  /** Is what is written there to be read? Never rejects. */
  abstract takesWrites(): Promise<boolean>;

  abstract close(): void;
}
