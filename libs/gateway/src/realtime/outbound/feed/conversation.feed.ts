import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationId, Head, Rev, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { conversationRoom } from '../../rooms';
import type { Change } from './change';

/** How long an early change waits for the ones before it, in milliseconds, until they are fetched. */
const holdMs = 20;
/** Early changes kept; past that they are dropped, because the repair fetches them anyway. */
const maxHeld = 1_000;
const firstRetryMs = 100;
const maxRetryMs = 2_000;

export interface Removal {
  readonly userId: UserId;
  readonly rev: Rev;
}

export interface ChangePage {
  readonly changes: readonly Change[];
  /** All who left since, also past the end of the page: what the changes show may be younger than that. */
  readonly removed: readonly Removal[];
  /** Where the page ends. */
  readonly head: Head;
  readonly hasMore: boolean;
}

export interface FeedPorts {
  /** Shows a change to the local sockets of the conversation, and lets go of those whose last one it is. */
  emit(change: Change): void;
  /** Shows a user's local sockets that they are out, before they could hear what came after that. */
  expel(userId: UserId, rev: Rev): void;
  /** The conversation is not there any more: whoever still listens to it has to know. */
  end(rev: Rev): void;
  /** What has changed since a head, in order. */
  fetch(since: Head): Promise<ChangePage>;
}

/** How the opening of a feed ended: `gone`, there is no such conversation; `failed`, it could not be asked. */
export type Opening = 'live' | 'gone' | 'failed';

/** The changes that a feed emits from some moment on, for sockets that are about to join and must not miss them. */
export interface Recording {
  /** Where the feed stood when the recording began. */
  readonly from: Head;
  readonly changes: readonly Change[];
  /** Who was taken out before the changes came to that. */
  readonly removed: readonly Removal[];
  stop(): void;
}

interface Recorder {
  readonly changes: Change[];
  readonly removed: Removal[];
}

/** Shared by the feeds that hold nothing and are not recorded: nearly all, nearly always. Never added to. */
const noneHeld = new Map<Rev, Change>();
const noRecordings = new Set<Recorder>();

/**
 * The ordered stream of one conversation to this gateway's sockets.
 *
 * Guarantees: changes are emitted in `rev` order, each once, and `seq` has neither gaps nor repeats. A change that comes
 * early is held for some milliseconds; if what is missing does not come, it is fetched from the service that owns it.
 */
export class ConversationFeed {
  private state: 'opening' | 'live' | 'repairing' | 'closed' = 'opening';
  private at: Head = { seq: 0, rev: 0 };
  /** The highest rev that is known to exist. */
  private target: Rev = 0;
  private held = noneHeld;
  private recordings = noRecordings;
  private waiters: { readonly rev: Rev; readonly resolve: () => void }[] = [];
  private gapTimer: NodeJS.Timeout | undefined;
  private resolveOpened: (outcome: Opening) => void = () => undefined;
  /** The room of the conversation's sockets: one string for all of them. */
  readonly room: string;
  /** Sockets and pending admissions that need this feed. */
  pins = 0;
  /** Resolves when the feed knows where it stands, or will never know. */
  readonly opened: Promise<Opening>;

  constructor(
    readonly id: ConversationId,
    private readonly ports: FeedPorts,
  ) {
    this.room = conversationRoom(id);
    this.opened = new Promise((resolve) => (this.resolveOpened = resolve));
  }

  /** The last position that was emitted. */
  get head(): Head {
    return this.at;
  }

  /** Starts emitting what comes after `head`; changes that came before this call and are later are not lost. */
  openAt(head: Head): void {
    if (this.state !== 'opening') return;
    this.at = head;
    this.state = 'live';
    this.drain();
    this.resolveOpened('live');
  }

  receive(change: Change): void {
    if (this.state === 'live' && change.rev === this.at.rev + 1 && this.held.size === 0) {
      this.deliver(change);
      // What was expected has come by itself: nothing is left to fetch.
      if (this.gapTimer) this.watchGap();
    } else if (this.state !== 'closed' && (this.state === 'opening' || change.rev > this.at.rev)) this.hold(change);
  }

  /** Tells that the conversation stands at `rev`: what is missing up to there is fetched if it does not come by itself. */
  expect(rev: Rev): void {
    if (rev <= this.target) return;
    this.target = rev;
    this.watchGap();
  }

  /** Resolves when everything up to `rev` was emitted. */
  reached(rev: Rev): Promise<void> {
    if (this.at.rev >= rev || this.state === 'closed') return Promise.resolve();
    this.expect(rev);
    return new Promise((resolve) => this.waiters.push({ rev, resolve }));
  }

  /** The conversation could not be asked where it stands. A feed that is open already is not concerned. */
  failOpening(): boolean {
    if (this.state !== 'opening') return false;
    this.close('failed');
    return true;
  }

  record(): Recording {
    const recorder: Recorder = { changes: [], removed: [] };
    if (this.recordings === noRecordings) this.recordings = new Set();
    this.recordings.add(recorder);
    const stop = () => {
      if (this.recordings.delete(recorder) && this.recordings.size === 0) this.recordings = noRecordings;
    };
    return { from: this.at, ...recorder, stop };
  }

  close(outcome: Exclude<Opening, 'live'> = 'gone'): void {
    this.state = 'closed';
    clearTimeout(this.gapTimer);
    this.held.clear();
    this.resolveOpened(outcome);
    for (const waiter of this.waiters) waiter.resolve();
    this.waiters = [];
  }

  private hold(change: Change): void {
    if (this.held === noneHeld) this.held = new Map();
    if (this.held.size < maxHeld) this.held.set(change.rev, change);
    if (change.rev > this.target) this.target = change.rev;
    this.drain();
  }

  private drain(): void {
    if (this.state !== 'live') return;
    for (let next = this.held.get(this.at.rev + 1); next; next = this.held.get(this.at.rev + 1)) {
      this.held.delete(next.rev);
      this.deliver(next);
    }
    for (const rev of this.held.keys()) if (rev <= this.at.rev) this.held.delete(rev);
    if (this.held.size === 0) this.held = noneHeld;
    this.watchGap();
  }

  private deliver(change: Change): void {
    this.at = { seq: change.seq ?? this.at.seq, rev: change.rev };
    for (const { changes } of this.recordings) changes.push(change);
    this.ports.emit(change);
    if (this.waiters.length > 0) this.wake();
  }

  private wake(): void {
    const due = this.waiters.filter(({ rev }) => rev <= this.at.rev);
    this.waiters = this.waiters.filter(({ rev }) => rev > this.at.rev);
    for (const waiter of due) waiter.resolve();
  }

  private watchGap(): void {
    if (this.at.rev >= this.target) {
      clearTimeout(this.gapTimer);
      this.gapTimer = undefined;
    } else if (this.state === 'live') {
      this.gapTimer ??= setTimeout(() => void this.repair(), holdMs);
    }
  }

  /** Fetches what is missing, for as long as it takes: nothing later may be emitted before it. Never rejects. */
  private async repair(): Promise<void> {
    this.gapTimer = undefined;
    if (this.state !== 'live') return;
    this.state = 'repairing';
    let retryMs = firstRetryMs;
    let asked = this.target;
    for (let hasMore = true; hasMore && !this.isClosed();) {
      asked = this.target;
      try {
        hasMore = await this.catchUp();
        retryMs = firstRetryMs;
      } catch (error) {
        if (AppError.from(error).kind === 'not_found') return this.end();
        await delay(retryMs, undefined, { ref: false });
        retryMs = Math.min(retryMs * 2, maxRetryMs);
      }
    }
    if (this.isClosed()) return;
    this.state = 'live';
    // What was expected when it was asked last and is not there never came to be: a head of another epoch, say.
    if (this.target === asked) this.target = Math.max(this.at.rev, ...this.held.keys());
    this.drain();
  }

  private async catchUp(): Promise<boolean> {
    const page = await this.ports.fetch(this.at);
    if (this.isClosed()) return false;
    for (const { removed } of this.recordings) removed.push(...page.removed);
    for (const { userId, rev } of page.removed) this.ports.expel(userId, rev);
    for (const change of page.changes) this.deliver(change);
    if (page.head.rev > this.at.rev) this.at = page.head;
    this.wake();
    return page.hasMore;
  }

  private end(): void {
    this.ports.end(this.at.rev + 1);
    this.close();
  }

  private isClosed(): boolean {
    return this.state === 'closed';
  }
}
