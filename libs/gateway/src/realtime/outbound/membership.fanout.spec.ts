import { RpcClient } from '@parley/bus';
import {
  ConversationId,
  type ConversationView,
  DescribeConversation,
  type ListChanges,
  type MessageView,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { aConversation, aMessage } from '@parley/testing';
import type { ChatServer, ChatSocket } from '../session/chat.socket';
import { type Joined, SessionRegistry } from '../session/session.registry';
import { SocketServer } from '../session/socket.server';
import { newMessage } from './change';
import { FeedRegistry } from './feed.registry';
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

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    if (this.failures-- > 0) throw new AppError('service_unavailable');
    return this.answer(rpc, request) as ResponseOf<R>;
  }

  get conversation(): ConversationView {
    const last = this.messages.at(-1);
    return aConversation({ id: conversationId, last_seq: last?.seq ?? 0, rev: last?.rev ?? 1 });
  }

  private answer(rpc: Rpc, request: unknown): unknown {
    const { last_seq: seq, rev } = this.conversation;
    if (rpc.subject === DescribeConversation.subject) return { conversation: this.conversation };
    if (rpc.subject === ReadHeads.subject) return { heads: { [conversationId]: { seq, rev } } };
    const { since } = request as RequestOf<typeof ListChanges>;
    const messages = this.messages.filter((message) => message.rev > since.rev);
    return { messages, head: { seq, rev }, hasMore: false };
  }
}

/** One device of Bob, which hears what is said to it and to its rooms. */
class FakeSocket {
  readonly connected = true;
  readonly rooms = new Set<string>();
  readonly heard: string[] = [];
  readonly data = { session: { userId: bob } };

  join(room: string): void {
    this.rooms.add(room);
  }

  emit(event: string, frame: { readonly rev: number }): void {
    this.heard.push(`${event} ${frame.rev}`);
  }
}

describe('MembershipFanout', () => {
  let messaging: FakeMessaging;
  let socket: FakeSocket;
  let feeds: FeedRegistry;
  let fanout: MembershipFanout;

  beforeEach(() => {
    messaging = new FakeMessaging();
    socket = new FakeSocket();
    const sockets = new SocketServer();
    const to = (room: string) => ({
      emit: (event: string, frame: { readonly rev: number }) => {
        if (socket.rooms.has(room)) socket.emit(event, frame);
      },
    });
    sockets.bind({ local: { to } } as unknown as ChatServer);
    feeds = new FeedRegistry(messaging, sockets);
    fanout = new MembershipFanout(new SessionRegistry(), feeds, new MembershipReader(messaging));
  });

  const admit = () => fanout.admit(joined, [socket as unknown as ChatSocket]);
  const say = (seq: number): MessageView => {
    const message = aMessage({ seq, rev: seq + 1, conversation_id: conversationId });
    messaging.messages.push(message);
    return message;
  };
  const hear = (message: MessageView) => feeds.get(conversationId)?.receive(newMessage(message, message.rev));

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
    const opening = feeds.open([conversationId]);
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
});
