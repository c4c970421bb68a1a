import { EventBus, RpcClient } from '@parley/bus';
import { CheckVoice, type ConversationId, type PresenceStatus, TypingChanged, type UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { UserDirectory } from '../auth/user.directory';
import type { UserSession } from '../auth/user.session';
import { TypingBoard } from './typing.board';

const maxRemembered = 50_000;
/** How long it is believed that somebody may speak, in milliseconds. */
const voiceTtlMs = 10_000;
/** A user who types in one conversation is announced this often at most, in milliseconds. */
const announceEveryMs = 1_000;
/** Announcements of one user that may come at once, over all conversations, and that may come each second. */
const burst = 20;
const perSecond = 5;

export interface TypingOptions {
  readonly requestId: string;
  /** It is told as a change of this status, too. */
  readonly status?: PresenceStatus | undefined;
  /** A socket of the user hears the conversation, so that what is known of the user there is fresh enough. */
  readonly isHearing?: boolean;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Tells the gateways who types where. */
@Injectable()
export class TypingService {
  /** Where users may speak. */
  private readonly voices = new LRUCache<UserId, Set<ConversationId>>({ max: maxRemembered, ttl: voiceTtlMs });
  /** What was announced last, so that a stop is told though its start has not come back yet. */
  private readonly announced = new LRUCache<string, true>({ max: maxRemembered, ttl: announceEveryMs });
  private readonly buckets = new LRUCache<UserId, Bucket>({ max: maxRemembered, ttl: (burst / perSecond) * 1_000 });

  constructor(
    private readonly rpc: RpcClient,
    private readonly events: EventBus,
    private readonly users: UserDirectory,
    private readonly board: TypingBoard,
  ) {
    // Whatever ended it: the next start is a new one.
    board.on('stopped', ({ userId, conversationId }) => this.announced.delete(`${conversationId} ${userId}`));
  }

  /**
   * The user types, or stopped to. What comes too often is not told.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `participant_muted`, `posting_restricted`, `user_blocked`.
   */
  async set(
    session: UserSession,
    conversationId: ConversationId,
    isTyping: boolean,
    { requestId, status, isHearing = false }: TypingOptions,
  ): Promise<void> {
    const { userId } = session;
    const key = `${conversationId} ${userId}`;
    const isKnown = this.announced.has(key) || this.board.isTyping(userId, conversationId);
    if (!isTyping && isKnown) return this.stop(session, conversationId);
    await this.demandVoice({ userId, conversationId }, { requestId, isHearing });
    if (!isTyping || (this.announced.has(key) && status === undefined) || !this.takes(userId)) return;
    this.announced.set(key, true);
    const { display_name: userName } = await this.users.ensure(session, requestId);
    const told = status === undefined ? {} : { status };
    this.events.broadcast(TypingChanged, { v: 1, conversationId, userId, userName, isTyping: true, ...told });
  }

  /** In all conversations. */
  stopAll(session: Pick<UserSession, 'userId'>): void {
    for (const conversationId of [...this.board.of(session.userId)]) this.stop(session, conversationId);
  }

  private stop({ userId }: Pick<UserSession, 'userId'>, conversationId: ConversationId): void {
    this.announced.delete(`${conversationId} ${userId}`);
    this.events.broadcast(TypingChanged, { v: 1, conversationId, userId, userName: '', isTyping: false });
  }

  /** Whether a user may speak may have changed: it is asked anew. */
  doubt(userId: UserId): void {
    this.voices.delete(userId);
  }

  private async demandVoice(
    speaker: { readonly userId: UserId; readonly conversationId: ConversationId },
    { requestId, isHearing }: { readonly requestId: string; readonly isHearing: boolean },
  ): Promise<void> {
    const { userId, conversationId } = speaker;
    if (isHearing && this.voices.get(userId)?.has(conversationId)) return;
    await this.rpc.call(CheckVoice, speaker, { requestId });
    const known = this.voices.get(userId);
    if (known) known.add(conversationId);
    else this.voices.set(userId, new Set([conversationId]));
  }

  /** A token bucket for each user. */
  private takes(userId: UserId): boolean {
    const now = performance.now();
    const bucket = this.buckets.get(userId) ?? { tokens: burst, filledAt: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1_000);
    bucket.filledAt = now;
    this.buckets.set(userId, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
