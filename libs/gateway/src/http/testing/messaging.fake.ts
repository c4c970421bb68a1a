import { Controller } from '@nestjs/common';
import { type RpcContext, RpcHandler } from '@parley/bus';
import {
  ConversationId,
  CreateConversation,
  EnsureUser,
  GetConversation,
  GetUser,
  ListConversations,
  ListMessages,
  MessageId,
  type MessageView,
  ProbeStorage,
  ReadAccess,
  RawJson,
  ReadEpoch,
  type RequestOf,
  SendMessage,
  type UserAccess,
  UserId,
  type ViewedConversation,
} from '@parley/contracts';
import { AppError, type ErrorCode } from '@parley/errors';
import { aMessage, anOwnUser, aProfile, aViewedConversation, aViewedMessage } from '@parley/testing';

const asViewed = (id: string, participants: readonly string[]): ViewedConversation =>
  aViewedConversation({ id: ConversationId.parse(id), participant_count: participants.length });

const asSeen = (message: MessageView) => aViewedMessage({ ...message, reactions: {} });

function signal(): [signalled: Promise<void>, signal: () => void] {
  let settle: () => void = () => undefined;
  return [new Promise((resolve) => (settle = resolve)), () => settle()];
}

/** The messaging service as far as the gateway's REST needs it, in memory. Conversation 1 is Alice's and Bob's, 2 is not hers. */
@Controller()
export class FakeMessaging {
  readonly users = new Map<string, ReturnType<typeof anOwnUser>>();
  /** Of those who may not come in with every token. */
  readonly access = new Map<string, UserAccess>();
  readonly messages: MessageView[] = [];
  readonly requestIds: string[] = [];
  takesWrites = true;
  private readonly participants = new Map([
    ['1', ['alice', 'bob']],
    ['2', ['bob', 'carol']],
  ]);
  private readonly keys = new Map<string, MessageView>();
  private readonly failures = new Map<string, unknown>();
  private readonly holds = new Map<string, { reach(): void; readonly released: Promise<void> }>();

  /** The next call of the subject fails, with a code of the catalogue or with whatever broke. */
  failNext(subject: string, failure: ErrorCode | Error): void {
    this.failures.set(subject, typeof failure === 'string' ? new AppError(failure) : failure);
  }

  /** The next call of the subject waits. */
  holdNext(subject: string): { readonly reached: Promise<void>; release(): void } {
    const [reached, reach] = signal();
    const [released, release] = signal();
    this.holds.set(subject, { reach, released });
    return { reached, release };
  }

  /** Conversation 1 has `count` messages from here on, with the ids 101, 102, ... */
  fill(count: number): void {
    this.messages.length = 0;
    for (let seq = 1; seq <= count; seq++)
      this.messages.push(aMessage({ seq, id: MessageId.parse(String(100 + seq)) }));
  }

  @RpcHandler(EnsureUser)
  ensure({ userId, profile }: RequestOf<typeof EnsureUser>, context: RpcContext) {
    this.meet(EnsureUser.subject, context);
    const { displayName, role, email, username } = profile;
    const user = anOwnUser({ id: userId, display_name: displayName ?? userId, role, email, username });
    this.users.set(userId, user);
    return { user, access: this.access.get(userId) ?? { isBanned: false, revokedAt: null } };
  }

  @RpcHandler(ReadAccess)
  readAccess({ userIds }: RequestOf<typeof ReadAccess>, context: RpcContext) {
    this.meet(ReadAccess.subject, context);
    const restricted = userIds.flatMap((userId) => {
      const access = this.access.get(userId);
      return access ? [{ userId, ...access }] : [];
    });
    return { restricted };
  }

  @RpcHandler(GetUser)
  getUser({ userId }: RequestOf<typeof GetUser>, context: RpcContext) {
    this.meet(GetUser.subject, context);
    const known = this.users.get(userId);
    if (!known) throw new AppError('user_not_found');
    return { user: aProfile({ id: userId, display_name: known.display_name }) };
  }

  @RpcHandler(CreateConversation)
  create({ creatorId, conversation }: RequestOf<typeof CreateConversation>, context: RpcContext) {
    this.meet(CreateConversation.subject, context);
    const { type, participant_ids } = conversation;
    if (participant_ids.includes(UserId.parse('nobody'))) {
      throw new AppError('unknown_users', {
        issues: [{ path: 'participant_ids.0', message: 'nobody does not exist' }],
      });
    }
    const users = [...new Set([creatorId, ...participant_ids])].sort();
    const known = [...this.participants].find(([, others]) => type === 'direct' && others.join() === users.join());
    const id = known?.[0] ?? String(this.participants.size + 1);
    this.participants.set(id, users);
    return { conversation: asViewed(id, users), created: known === undefined };
  }

  @RpcHandler(ListConversations)
  list({ userId, limit, page, cursor, type }: RequestOf<typeof ListConversations>, context: RpcContext) {
    this.meet(ListConversations.subject, context);
    if (cursor === 'forged')
      throw new AppError('validation_failed', { issues: [{ path: 'cursor', message: 'forged' }] });
    const mine = [...this.participants].filter(([, users]) => users.includes(userId) && type !== 'channel');
    const start = cursor === undefined ? (page - 1) * limit : Number(cursor);
    const conversations = mine.slice(start, start + limit).map(([id, users]) => asViewed(id, users));
    const hasMore = mine.length > start + limit;
    return { conversations, hasMore, nextCursor: hasMore ? String(start + limit) : null };
  }

  @RpcHandler(GetConversation)
  async get({ userId, conversationId }: RequestOf<typeof GetConversation>, context: RpcContext) {
    this.meet(GetConversation.subject, context);
    const hold = this.holds.get(GetConversation.subject);
    this.holds.delete(GetConversation.subject);
    hold?.reach();
    await hold?.released;
    return { conversation: asViewed(conversationId, this.demandParticipant(conversationId, userId)) };
  }

  @RpcHandler(SendMessage)
  send({ conversationId, senderId, key, content, metadata }: RequestOf<typeof SendMessage>, context: RpcContext) {
    this.meet(SendMessage.subject, context);
    this.demandParticipant(conversationId, senderId);
    const known = this.keys.get(`${conversationId} ${senderId} ${key.by} ${key.id}`);
    if (known && known.content !== content) throw new AppError('idempotency_mismatch');
    if (known) return { message: RawJson.of(known), duplicate: true };
    const seq = this.messages.length + 1;
    const message = aMessage({
      id: MessageId.parse(String(100 + seq)),
      conversation_id: conversationId,
      seq,
      sender_id: senderId,
      content,
      metadata: metadata ?? {},
      client_message_id: key.by === 'client' ? key.id : null,
    });
    this.messages.push(message);
    this.keys.set(`${conversationId} ${senderId} ${key.by} ${key.id}`, message);
    return { message: RawJson.of(message), duplicate: false };
  }

  @RpcHandler(ListMessages)
  history({ userId, conversationId, position, limit }: RequestOf<typeof ListMessages>, context: RpcContext) {
    this.meet(ListMessages.subject, context);
    this.demandParticipant(conversationId, userId);
    const found = this.from(position);
    const skipped = position.at === 'page' ? found.slice((position.page - 1) * limit) : found;
    return { messages: skipped.slice(0, limit).map(asSeen), hasMore: skipped.length > limit };
  }

  @RpcHandler(ProbeStorage)
  probeStorage(_request: RequestOf<typeof ProbeStorage>, context: RpcContext) {
    this.meet(ProbeStorage.subject, context);
    return { takesWrites: this.takesWrites };
  }

  @RpcHandler(ReadEpoch)
  epoch(_request: RequestOf<typeof ReadEpoch>, context: RpcContext) {
    this.meet(ReadEpoch.subject, context);
    return { epoch: 'e-1' };
  }

  private from(position: RequestOf<typeof ListMessages>['position']): MessageView[] {
    switch (position.at) {
      case 'page':
        return this.messages.toReversed();
      case 'before_seq':
        return this.messages.filter(({ seq }) => seq < position.seq).toReversed();
      case 'after_seq':
        return this.messages.filter(({ seq }) => seq > position.seq);
      case 'before_message':
        return this.messages.filter(({ seq }) => seq < this.seqOf(position.messageId)).toReversed();
      case 'around_message':
        return this.messages.filter(({ seq }) => seq >= this.seqOf(position.messageId) - 1);
    }
  }

  private seqOf(id: MessageId): number {
    const message = this.messages.find((each) => each.id === id);
    if (!message) throw new AppError('message_not_found');
    return message.seq;
  }

  private demandParticipant(conversationId: string, userId: UserId): string[] {
    const users = this.participants.get(conversationId);
    if (!users) throw new AppError('conversation_not_found');
    if (!users.includes(userId)) throw new AppError('not_a_participant');
    return users;
  }

  private meet(subject: string, { requestId }: RpcContext): void {
    this.requestIds.push(requestId);
    if (!this.failures.has(subject)) return;
    const failure = this.failures.get(subject);
    this.failures.delete(subject);
    throw failure;
  }
}
