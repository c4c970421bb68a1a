import { RpcClient } from '@parley/bus';
import {
  type ConversationId,
  ListChanges,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { SessionRegistry } from '../../session/session.registry';
import { type ConversationListeners, SocketServer } from '../../session/socket.server';
import { newMessage } from './change';
import { FeedRegistry } from './feed.registry';
import { aMessage } from '@parley/testing';

const idsOf = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1) as ConversationId);
const [alice, mallory] = [UserId.parse('alice'), UserId.parse('mallory')];
const [first] = idsOf(1) as [ConversationId];

/** Knows all conversations at rev 1, but leaves one of the questions for heads unanswered. Mallory is in none. */
class FakeMessaging extends RpcClient {
  asked = 0;

  constructor(private readonly unanswered?: number) {
    super();
  }

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    if ((rpc as Rpc) === ListChanges || ++this.asked === this.unanswered) {
      return Promise.reject(new AppError('service_unavailable'));
    }
    const { conversationIds, userId } = ReadHeads.request.parse(request);
    if (userId === mallory) return Promise.resolve({ heads: {} } as ResponseOf<R>);
    const heads = Object.fromEntries(conversationIds.map((id) => [id, { seq: 0, rev: 1 }]));
    return Promise.resolve({ heads } as ResponseOf<R>);
  }
}

class FakeSockets extends SocketServer {
  readonly emitted: string[] = [];

  override emitToConversation({ id }: ConversationListeners): void {
    this.emitted.push(id);
  }
}

describe('FeedRegistry', () => {
  it('opens a feed once for all who need it, and closes it with the last of them', async () => {
    const messaging = new FakeMessaging();
    const feeds = new FeedRegistry(messaging, new FakeSockets(), new SessionRegistry());
    const [one, other] = await Promise.all([feeds.open([first], alice), feeds.open([first], alice)]);
    // One opens it, the other asks whether its user is in it.
    expect(messaging.asked).toBe(2);
    expect(one).toEqual(other);
    for (const feed of one) feeds.release(feed);
    expect(feeds.get(first)).toBeDefined();
    for (const feed of other) feeds.release(feed);
    expect(feeds.get(first)).toBeUndefined();
  });

  it('keeps nothing of what it could not open, and tells all who waited', async () => {
    const feeds = new FeedRegistry(new FakeMessaging(1), new FakeSockets(), new SessionRegistry());
    const outcomes = await Promise.allSettled([feeds.open([first], alice), feeds.open([first], alice)]);
    expect(outcomes).toMatchObject([
      { reason: { code: 'service_unavailable' } },
      { reason: { code: 'service_unavailable' } },
    ]);
    expect(feeds.get(first)).toBeUndefined();
  });

  it('leaves a feed alone that others live on when the rest of an opening fails', async () => {
    const sockets = new FakeSockets();
    const feeds = new FeedRegistry(new FakeMessaging(2), sockets, new SessionRegistry());
    const failing = feeds.open(idsOf(1_001), alice);
    await expect(feeds.open([first], alice)).resolves.toHaveLength(1);
    await expect(failing).rejects.toMatchObject({ code: 'service_unavailable' });
    feeds.get(first)?.receive(newMessage(first, { seq: 1, rev: 2 }, aMessage({ seq: 1 })));
    expect(sockets.emitted).toEqual([first]);
  });

  it.each([
    ['opened for him', [mallory, alice]],
    ['being opened for others', [alice, mallory]],
  ])('leaves out what the user is not in that is %s, and serves those who are', async (_, order) => {
    const sockets = new FakeSockets();
    const feeds = new FeedRegistry(new FakeMessaging(), sockets, new SessionRegistry());
    const opened = await Promise.all(order.map((user) => feeds.open([first], user)));
    expect(opened[order.indexOf(mallory)]).toEqual([]);
    expect(opened[order.indexOf(alice)]).toHaveLength(1);
    feeds.get(first)?.receive(newMessage(first, { seq: 1, rev: 2 }, aMessage({ seq: 1 })));
    expect(sockets.emitted).toEqual([first]);
  });

  it('leaves out what others hear already and the user was removed from before', async () => {
    const feeds = new FeedRegistry(new FakeMessaging(), new FakeSockets(), new SessionRegistry());
    const [feed] = await feeds.open([first], alice);
    await expect(feeds.open([first], mallory)).resolves.toEqual([]);
    expect(feed?.pins).toBe(1);
  });

  it('keeps no pin where it cannot be asked who is in what others hear already', async () => {
    const feeds = new FeedRegistry(new FakeMessaging(2), new FakeSockets(), new SessionRegistry());
    const [feed] = await feeds.open([first], alice);
    await expect(feeds.open([first], mallory)).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(feed?.pins).toBe(1);
  });
});
