import { EventBus, type EventSubscription, type ReceivedEvent } from '@parley/bus';
import {
  BlockChanged,
  type ChatEvent,
  type ConversationId,
  type KnownPresence,
  type PayloadOf,
  PresenceChanged,
  type PresenceStatus,
  subjectOf,
  type UserId,
} from '@parley/contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { conversationRoom, watchRoom } from '../../rooms';
import { PresenceReporter } from '../../session/presence.reporter';
import { PresenceAudience } from './presence.audience';
import { PresenceEmitter } from './presence.emitter';
import { PresenceMirror } from './presence.mirror';
import { PresenceWatches } from './presence.watches';

type Change = PayloadOf<typeof PresenceChanged>['changes'][number];

/** How long changes are kept for conversations that are just being opened here, in milliseconds. */
const recentMs = 3_000;
/** How long until what the budget did not allow is tried again, in milliseconds. */
const retryMs = 100;
/** Changes that wait for the budget; of more, the oldest are dropped. */
const maxWaiting = 50_000;

/** Shows who comes and goes to those sockets of this gateway that may see it and look: who shares a small conversation, or asked. */
@Injectable()
export class PresenceFanout implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(PresenceFanout.name);
  private readonly subscriptions: EventSubscription[] = [];
  /** What was not shown yet, the latest of each user: under pressure what came and went is left out. */
  private readonly waiting = new Map<UserId, Change>();
  /** What was shown lately: a conversation that opens a moment later has missed it. */
  private readonly recent = new Map<UserId, { readonly change: Change; readonly at: number }>();
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly events: EventBus,
    private readonly audience: PresenceAudience,
    private readonly watches: PresenceWatches,
    private readonly emitter: PresenceEmitter,
    private readonly reporter: PresenceReporter,
    private readonly mirror: PresenceMirror,
  ) {
    mirror.on('differs', (known) => this.correct(known));
    audience.on('opened', (id, users) => this.showRecent(id, users));
  }

  onApplicationBootstrap(): void {
    this.listen().catch((err: unknown) => this.log.error({ msg: 'Presence cannot be heard', err }));
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.retry);
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
  }

  private async listen(): Promise<void> {
    await this.hear(PresenceChanged, ({ changes }) => {
      for (const change of changes) this.take(change);
      this.show();
    });
    await this.hear(BlockChanged, ({ blockerId, blockedId }) => {
      this.audience.blocksChanged(blockedId);
      this.audience.onceKnown(blockedId, () => this.showBlock(blockerId, blockedId));
      this.watches.recheckOf(blockedId);
    });
  }

  private async hear<E extends ChatEvent<'live'>>(event: E, receive: (payload: PayloadOf<E>) => void): Promise<void> {
    const listener = { accepts: () => true, receive: (received: ReceivedEvent) => receive(received.parse(event)) };
    this.subscriptions.push(await this.events.subscribe(subjectOf(event), listener));
  }

  private take(change: Change): void {
    const { userId } = change;
    this.reporter.learn(change);
    this.watches.hear(change);
    this.waiting.delete(userId);
    this.waiting.set(userId, change);
    if (this.waiting.size <= maxWaiting) return;
    const [oldest] = this.waiting.keys();
    if (oldest !== undefined) this.waiting.delete(oldest);
  }

  private show(): void {
    const now = performance.now();
    for (const [userId, change] of this.waiting) {
      // Told again, when a store is filled anew, say, it is no change.
      const isKnown = this.mirror.shownOf(userId) === change.status;
      if (!isKnown && !this.emit(change, this.roomsOf(userId))) {
        this.retry ??= setTimeout(() => this.showAgain(), retryMs).unref();
        return;
      }
      this.waiting.delete(userId);
      this.mirror.note(userId, change.status);
      this.recent.delete(userId);
      this.recent.set(userId, { change, at: now });
    }
    this.forgetOld(now);
  }

  /** Something was lost on its way here. */
  private correct({ userId, status, lastSeen }: KnownPresence): void {
    if (this.waiting.has(userId)) return;
    this.waiting.set(userId, { userId, status, chosen: null, lastSeen });
    this.show();
  }

  private showAgain(): void {
    this.retry = undefined;
    this.show();
  }

  private showRecent(id: ConversationId, users: readonly UserId[]): void {
    this.forgetOld(performance.now());
    for (const userId of users) {
      const recent = this.recent.get(userId);
      if (recent) this.showLate(recent.change, conversationRoom(id));
    }
  }

  /** To those who look in one more room, and did not hear it in another. */
  private showLate({ userId, status, lastSeen }: Change, room: string): void {
    const except = this.roomsOf(userId).filter((each) => each !== room);
    const frame = toFrame(userId, status, lastSeen);
    this.emitter.emit({ about: userId, rooms: [room], toOwn: false, except }, 'user_status_change', frame);
  }

  /** Who is blocked hears nothing more of the blocker, and would take for here whoever was; who no longer is has missed it. */
  private showBlock(blockerId: UserId, blockedId: UserId): void {
    const status = this.mirror.shownOf(blockerId);
    if (status === 'offline') return;
    const isBlocked = this.audience.blockedFrom(blockerId).has(blockedId);
    const seen = isBlocked ? 'offline' : status;
    if (seen === undefined) return;
    this.emitter.emitTo(blockedId, this.roomsOf(blockerId), 'user_status_change', toFrame(blockerId, seen, null));
  }

  private roomsOf(userId: UserId): string[] {
    const rooms = [watchRoom(userId)];
    for (const id of this.audience.conversationsWith(userId)) rooms.push(conversationRoom(id));
    return rooms;
  }

  /** @returns false where the budget is used up. */
  private emit({ userId, status, chosen, lastSeen }: Change, rooms: readonly string[]): boolean {
    const frame = toFrame(userId, status, lastSeen);
    // What users have chosen their other devices want to know; that they came themselves they do know.
    return this.emitter.emit({ about: userId, rooms, toOwn: chosen !== null }, 'user_status_change', frame);
  }

  private forgetOld(now: number): void {
    for (const [userId, { at }] of this.recent) {
      if (now - at < recentMs) return;
      this.recent.delete(userId);
    }
  }
}

function toFrame(userId: UserId, status: PresenceStatus, lastSeen: string | null) {
  return { user_id: userId, status, is_typing: false, last_seen: lastSeen };
}
