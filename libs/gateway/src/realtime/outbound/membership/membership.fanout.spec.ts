import { setImmediate as turnEnd } from 'node:timers/promises';
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
import { type Joined, SessionRegistry } from '../../session/session.registry';
import { SocketServer } from '../../session/socket.server';
import type { EventFrame } from '../../transport/event.frame';
import { newMessage, removedParticipant } from '../feed/change';
import { FeedRegistry } from '../feed/feed.registry';
import { MembershipFanout } from './membership.fanout';
import { MembershipReader } from './membership.reader';

const conversationId = ConversationId.parse('1');
const bob = UserId.parse('bob');
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
class FakeSocket {
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

describe('MembershipFanout', () => {
  let messaging: FakeMessaging;
  let socket: FakeSocket;
  let feeds: FeedRegistry;
  let sessions: SessionRegistry;
  let fanout: MembershipFanout;

  beforeEach(() => {
    messaging = new FakeMessaging();
    socket = new FakeSocket();
    const sockets = new SocketServer();
    const rooms = { get: (room: string) => (socket.rooms.has(room) ? ['bob'] : undefined) };
    const server = { sockets: { sockets: new Map([['bob', socket]]), adapter: { rooms } } };
    sockets.bind(server as unknown as ChatServer);
    sessions = new SessionRegistry();
    sessions.add(socket as unknown as ChatSocket).pending = undefined;
    feeds = new FeedRegistry(messaging, sockets, sessions);
    fanout = new MembershipFanout(sessions, feeds, new MembershipReader(messaging));
  });

  const admit = () => fanout.admit(joined, [socket as unknown as ChatSocket]);
  const say = (seq: number): MessageView => {
    const message = aMessage({ seq, rev: seq + 1, conversation_id: conversationId });
    messaging.messages.push(message);
    return message;
  };
  const hear = (message: MessageView) =>
    feeds.get(conversationId)?.receive(newMessage(conversationId, message, message));

  it('shows the conversation, and then what is said in it', async () => {
    await admit();
    hear(say(1));
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows what is said while the socket is brought in, after the conversation', async () => {
    const admitting = admit();
    hear(say(1));
    await admitting;
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows what was said before this gateway listened, though nobody tells of it again', async () => {
    say(1);
    say(2);
    await admit();
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2', 'new_message 3']);
  });

  it('shows what was said before the feed was opened, though it was opened for another socket', async () => {
    say(1);
    const opening = feeds.open([conversationId], bob);
    await Promise.all([opening, admit()]);
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('tries again where nobody answers, and misses nothing of the meantime', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    messaging.failures = 1;
    await admit();
    expect(socket.heard).toEqual([]);
    say(1);
    await jest.runOnlyPendingTimersAsync();
    await jest.runOnlyPendingTimersAsync();
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
    jest.useRealTimers();
  });

  it('shows a conversation once, however often it is told', async () => {
    await Promise.all([admit(), admit()]);
    await admit();
    hear(say(1));
    expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
  });

  it('shows a second device what the first one has heard already', async () => {
    await admit();
    hear(say(1));
    const first = socket;
    socket = new FakeSocket();
    await admit();
    expect(socket.heard).toEqual(first.heard);
  });

  it('shows nothing to somebody who was taken out before he was brought in, but that it is not his', async () => {
    messaging.removedAt = 2;
    await admit();
    expect(socket.heard).toEqual(['resync conversation_left']);
    expect([...socket.rooms]).toEqual([]);
    expect(feeds.get(conversationId)).toBeUndefined();
  });

  it('says so also where the conversation is gone before', async () => {
    messaging.isGone = true;
    await admit();
    expect(socket.heard).toEqual(['resync conversation_left']);
  });

  it('shows nothing younger than a removal that lies past what was repaired', async () => {
    say(1);
    const opening = feeds.open([conversationId], bob);
    await opening;
    say(2);
    messaging.removedLater = 9;
    await admit();
    expect(socket.heard).toEqual(['resync conversation_left']);
    expect([...socket.rooms]).toEqual([]);
  });

  it('compares once more what a session may have missed while it opened', async () => {
    const [local] = sessions.of(bob);
    if (local) local.pending = [];
    await fanout.compare();
    expect(socket.heard).toEqual([]);
    if (local) fanout.opened(local);
    await turnEnd();
    expect(socket.heard).toEqual(['conversation_created 1']);
  });

  it('ends with the removal, which is heard', async () => {
    await admit();
    feeds.get(conversationId)?.receive(removedParticipant(conversationId, 2, bob));
    feeds.get(conversationId)?.receive(newMessage(conversationId, { seq: 1, rev: 3 }, aMessage({ seq: 1 })));
    expect(socket.heard).toEqual(['conversation_created 1', 'participant_removed 2']);
    expect(feeds.get(conversationId)).toBeUndefined();
  });

  it('finds a removal that nobody told of, and shows nothing younger', async () => {
    await admit();
    messaging.removedAt = 2;
    const third = aMessage({ seq: 1, rev: 3, conversation_id: conversationId });
    messaging.messages.push(third);
    const feed = feeds.get(conversationId);
    feed?.receive(newMessage(conversationId, { seq: third.seq, rev: 3 }, third));
    await feed?.reached(3);
    expect(socket.heard).toEqual(['conversation_created 1', 'participant_removed 2']);
  });

  describe('when all memberships are compared', () => {
    it('shows what a lost event would have told, and asks to load what was said before', async () => {
      say(1);
      await fanout.compare();
      expect(socket.heard).toEqual(['conversation_created 2', 'resync conversation_joined']);
    });

    it('asks so also where the socket cannot be brought in at first', async () => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
      say(1);
      messaging.unheard = DescribeConversation.subject;
      await fanout.compare();
      expect(socket.heard).toEqual([]);
      messaging.unheard = undefined;
      await jest.runOnlyPendingTimersAsync();
      await jest.runOnlyPendingTimersAsync();
      expect(socket.heard).toEqual(['conversation_created 2', 'resync conversation_joined']);
      jest.useRealTimers();
    });

    it('takes out who was taken out unheard', async () => {
      await admit();
      messaging.isMember = false;
      await fanout.compare();
      expect(socket.heard).toEqual(['conversation_created 1', 'resync conversation_left']);
      expect(feeds.get(conversationId)).toBeUndefined();
    });

    it('keeps what a socket was brought into while they were asked for', async () => {
      messaging.isMember = false;
      messaging.onListed = () => {
        messaging.isMember = true;
        return admit();
      };
      await fanout.compare();
      hear(say(1));
      expect(socket.heard).toEqual(['conversation_created 1', 'new_message 2']);
    });

    it('does not bring in who was taken out after they were read', async () => {
      messaging.onListed = () => {
        messaging.isMember = false;
        messaging.removedAt = 2;
      };
      await fanout.compare();
      expect(socket.heard).toEqual([]);
      expect([...socket.rooms]).toEqual([]);
    });
  });
});
