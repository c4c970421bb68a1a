import { EventEmitter } from 'node:events';
import {
  type ConversationId,
  type PayloadOf,
  type PresenceStatus,
  type TypingChanged,
  type UserId,
} from '@parley/contracts';

type Sign = PayloadOf<typeof TypingChanged>;

/** Those who type at once, in the whole deployment; further ones are not seen to. */
const maxEntries = 50_000;
/** Clients forget who types after some seconds: one who goes on is shown again, but not more often than this, in milliseconds. */
const repeatMs = 2_000;

/** Somebody typing, or no longer. */
export interface Typing {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
  readonly userName: string;
  /** Set where it is shown as a change of status, too. */
  readonly status: PresenceStatus | undefined;
}

interface Entry extends Typing {
  readonly shownAt: number;
  readonly endsAt: number;
}

interface BoardEvents {
  started: [Typing];
  stopped: [Typing];
}

/**
 * Who types where, in the whole deployment, as far as this gateway has heard; each gateway keeps a board of its own.
 *
 * Typing ends by itself when no further sign of it comes, whatever becomes of the gateway that said it began.
 */
export class TypingBoard extends EventEmitter<BoardEvents> {
  /** By user and conversation, in the order in which they end. */
  private readonly entries = new Map<string, Entry>();
  private readonly conversationsOf = new Map<UserId, Set<ConversationId>>();
  private readonly typistsIn = new Map<ConversationId, number>();

  /** @param expiryMs how long a sign holds. @param now the time in milliseconds. */
  constructor(
    private readonly expiryMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
  }

  hear({ conversationId, userId, userName, isTyping, status }: Sign): void {
    if (isTyping) this.start({ conversationId, userId, userName, status });
    else this.stop(userId, conversationId);
  }

  isTyping(userId: UserId, conversationId: ConversationId): boolean {
    return this.conversationsOf.get(userId)?.has(conversationId) === true;
  }

  hasTypists(conversationId: ConversationId): boolean {
    return this.typistsIn.has(conversationId);
  }

  /** Where a user types. */
  of(userId: UserId): Iterable<ConversationId> {
    return this.conversationsOf.get(userId) ?? [];
  }

  stop(userId: UserId, conversationId: ConversationId): void {
    const key = keyOf(userId, conversationId);
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.count(conversationId, -1);
    const conversations = this.conversationsOf.get(userId);
    if (conversations?.delete(conversationId) && conversations.size === 0) this.conversationsOf.delete(userId);
    this.emit('stopped', entry);
  }

  /** Ends what no sign came of in time. */
  sweep(): void {
    const now = this.now();
    for (const { userId, conversationId, endsAt } of this.entries.values()) {
      if (endsAt > now) return;
      this.stop(userId, conversationId);
    }
  }

  private start(typing: Typing): void {
    const now = this.now();
    const key = keyOf(typing.userId, typing.conversationId);
    const present = this.entries.get(key);
    if (!present && this.entries.size >= maxEntries) return;
    if (!present) this.count(typing.conversationId, 1);
    const isShown = !present || now - present.shownAt >= repeatMs || typing.status !== present.status;
    this.entries.delete(key);
    this.entries.set(key, {
      ...typing,
      status: typing.status ?? present?.status,
      shownAt: isShown ? now : present.shownAt,
      endsAt: now + this.expiryMs,
    });
    const conversations = this.conversationsOf.get(typing.userId) ?? new Set();
    this.conversationsOf.set(typing.userId, conversations.add(typing.conversationId));
    if (isShown) this.emit('started', typing);
  }

  private count(conversationId: ConversationId, change: 1 | -1): void {
    const count = (this.typistsIn.get(conversationId) ?? 0) + change;
    if (count > 0) this.typistsIn.set(conversationId, count);
    else this.typistsIn.delete(conversationId);
  }
}

function keyOf(userId: UserId, conversationId: ConversationId): string {
  return `${conversationId} ${userId}`;
}
