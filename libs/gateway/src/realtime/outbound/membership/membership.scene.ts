import { RpcClient } from '@parley/bus';
import {
  ConversationId,
  type ConversationView,
  DescribeConversation,
  type ListChanges,
  ListMemberships,
  type MessageView,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { aConversation, aMessage } from '@parley/testing';
import type { ChatServer, ChatSocket } from '../../session/chat.socket';
import { type Joined, type LocalSession, SessionRegistry } from '../../session/session.registry';
import { SocketServer } from '../../session/socket.server';
import type { EventFrame } from '../../transport/event.frame';
import { newMessage } from '../feed/change';
import { FeedRegistry } from '../feed/feed.registry';
import { MembershipComparison } from './membership.comparison';
import { MembershipFanout } from './membership.fanout';
import { MembershipReader } from './membership.reader';

export const conversationId = ConversationId.parse('1');
export const bob = UserId.parse('bob');
const joined: Joined = { v: 1, userId: bob, conversationId, seq: 0, rev: 1 };

/** A conversation that stands somewhere, and what was said in it. */
class FakeMessaging extends RpcClient {
  readonly messages: MessageView[] = [];
  /** Calls that nobody answers before it is back. */
  failures = 0;
  /** The subject of calls that nobody answers. */
  unheard: string | undefined;
  /** The rev at which Bob was taken out again, if he was. */
  removedAt = 0;
  /** The rev at which he was, past what is read. */
  removedLater = 0;
  isGone = false;
  /** Is Bob in the conversation? */
  isMember = true;
  /** What happens after it was read what Bob is in, and before that is answered. */
  onListed: () => unknown = () => undefined;

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    if (this.isGone) throw new AppError('conversation_not_found');
    if (this.failures-- > 0 || rpc.subject === this.unheard) throw new AppError('service_unavailable');
    const answer = this.answer(rpc, request) as ResponseOf<R>;
    if (rpc.subject === ListMemberships.subject) await this.onListed();
    return answer;
  }

  get conversation(): ConversationView {
    const last = this.messages.at(-1);
    return aConversation({
      id: conversationId,
      last_seq: last?.seq ?? 0,
      rev: Math.max(last?.rev ?? 1, this.removedAt),
    });
  }

  private answer(rpc: Rpc, request: unknown): unknown {
    const { last_seq: seq, rev } = this.conversation;
    if (rpc.subject === DescribeConversation.subject) return { conversation: this.conversation };
    if (rpc.subject === ListMemberships.subject) {
      return { conversationIds: this.isMember ? [conversationId] : [], hasMore: false };
    }
    if (rpc.subject === ReadHeads.subject) {
      const { userId } = request as RequestOf<typeof ReadHeads>;
      return { heads: userId && !this.isMember ? {} : { [conversationId]: { seq, rev } } };
    }
    const { since } = request as RequestOf<typeof ListChanges>;
    const messages = this.messages
      .filter((message) => message.rev > since.rev)
      .map((message) => ({ rev: message.rev, message }));
    const removed = [this.removedAt, this.removedLater]
      .filter((removedAt) => removedAt > since.rev)
      .map((removedAt) => ({ userId: bob, rev: removedAt }));
    const head = { seq, rev: Math.max(rev, this.removedAt) };
    return {
      messages,
      changed: [],
      participants: [],
      removed,
      conversation: null,
      conversationRev: 1,
      head,
      hasMore: false,
    };
  }
}

/** One device of Bob, which hears what is said to it and to its rooms. */
export class FakeSocket {
  readonly connected = true;
  readonly rooms = new Set<string>();
  readonly heard: string[] = [];
  readonly data = { session: { userId: bob } };
  readonly conn = { show: ({ plain }: EventFrame) => this.show(plain) };

  private show(frame: Buffer): void {
    const { type, rev } = JSON.parse(frame.toString('utf8', frame.indexOf('{'))) as { type: string; rev: number };
    this.emit(type, { rev });
  }

  leave(room: string): void {
    this.rooms.delete(room);
  }

  join(room: string): void {
    this.rooms.add(room);
  }

  emit(event: string, { rev, reason }: { readonly rev?: number; readonly reason?: string }): void {
    this.heard.push(`${event} ${rev ?? reason}`);
  }
}

/** Bob has a device here, and may be brought into a conversation. */
export class MembershipScene {
  readonly messaging = new FakeMessaging();
  socket = new FakeSocket();
  readonly feeds: FeedRegistry;
  readonly fanout: MembershipFanout;
  readonly comparison: MembershipComparison;
  readonly sessions = new SessionRegistry();
  readonly session: LocalSession;

  constructor() {
    const sockets = new SocketServer();
    const rooms = { get: (room: string) => (this.socket.rooms.has(room) ? ['bob'] : undefined) };
    const devices = { get: () => this.socket };
    const server = { sockets: { sockets: devices, adapter: { rooms } } };
    sockets.bind(server as unknown as ChatServer);
    const { sessions } = this;
    this.session = sessions.add(this.socket as unknown as ChatSocket);
    this.session.open();
    this.feeds = new FeedRegistry(this.messaging, sockets, sessions);
    const reader = new MembershipReader(this.messaging);
    this.fanout = new MembershipFanout(sessions, this.feeds, reader);
    this.comparison = new MembershipComparison(sessions, this.feeds, reader, this.fanout);
  }

  admit(): Promise<void> {
    return this.fanout.admit(joined, [this.socket as unknown as ChatSocket]);
  }

  say(seq: number): MessageView {
    const message = aMessage({ seq, rev: seq + 1, conversation_id: conversationId });
    this.messaging.messages.push(message);
    return message;
  }

  hear(message: MessageView): void {
    this.feeds.get(conversationId)?.receive(newMessage(conversationId, message, message));
  }
}
