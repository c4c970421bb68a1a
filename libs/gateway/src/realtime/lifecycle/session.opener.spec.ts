import { RpcClient } from '@parley/bus';
import {
  type ConversationId,
  type Head,
  ReadHeads,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  type Sync,
  UserId,
} from '@parley/contracts';
import { aConversation, aMessage, anOwnUser } from '@parley/testing';
import type { UserDirectory } from '../../auth/user.directory';
import { newMessage, removedParticipant } from '../outbound/feed/change';
import { FeedRegistry } from '../outbound/feed/feed.registry';
import { MembershipFanout } from '../outbound/membership/membership.fanout';
import type { MembershipReader } from '../outbound/membership/membership.reader';
import type { ChatSocket } from '../session/chat.socket';
import type { PresenceReporter } from '../session/presence.reporter';
import { SessionOpener } from './session.opener';
import { SessionRegistry } from '../session/session.registry';
import { SocketServer } from '../session/socket.server';
import type { SyncReader } from '../session/sync.reader';
import { SyncTeller } from '../session/sync.teller';

type Missed = ResponseOf<typeof Sync>;

const bob = UserId.parse('bob');
const [known, told, untold] = ['1', '2', '3'] as ConversationId[] as [ConversationId, ConversationId, ConversationId];
const head: Head = { seq: 4, rev: 5 };

/** All conversations stand at one head. */
class FakeMessaging extends RpcClient {
  override call<R extends Rpc>(_rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    const { conversationIds } = ReadHeads.request.parse(request);
    return Promise.resolve({ heads: Object.fromEntries(conversationIds.map((id) => [id, head])) } as ResponseOf<R>);
  }
}

/** One device of Bob, and what it is told. */
class FakeSocket {
  readonly connected = true;
  readonly rooms = new Set<string>();
  readonly told: [event: string, frame: Record<string, unknown>][] = [];
  readonly data: { session: { userId: UserId }; heads: object | undefined };

  constructor(heads: object | undefined) {
    this.data = { session: { userId: bob }, heads };
  }

  join(rooms: readonly string[]): void {
    for (const room of rooms) this.rooms.add(room);
  }

  emit(event: string, frame: Record<string, unknown>): void {
    this.told.push([event, frame]);
  }
}

describe('opening a session', () => {
  let sessions: SessionRegistry;
  let feeds: FeedRegistry;
  let missed: () => Missed;

  beforeEach(() => {
    sessions = new SessionRegistry();
    feeds = new FeedRegistry(new FakeMessaging(), new SocketServer(), sessions);
  });

  async function open(heads: object | undefined): Promise<FakeSocket> {
    const socket = new FakeSocket(heads);
    const memberships = { list: () => Promise.resolve([known, told, untold]) } as unknown as MembershipReader;
    const opener = new SessionOpener(
      { ensure: () => Promise.resolve(anOwnUser({ id: bob })) } as unknown as UserDirectory,
      memberships,
      feeds,
      new MembershipFanout(sessions, feeds, memberships),
      { statusOf: () => Promise.resolve('online') } as unknown as PresenceReporter,
      new SyncTeller({
        readEpoch: () => Promise.resolve('epoch'),
        read: () => Promise.resolve(missed()),
      } as unknown as SyncReader),
    );
    await opener.open(sessions.add(socket as unknown as ChatSocket));
    return socket;
  }

  it('tells where all conversations stand', async () => {
    const { told: frames } = await open(undefined);
    expect(frames).toMatchObject([['session', { heads: { [known]: head, [told]: head, [untold]: head } }]]);
  });

  it('does not tell what was read before its user was taken out of a conversation', async () => {
    const nothing = { epoch: 'epoch', conversations: {}, new_conversations: [], gone: [], has_more: false };
    const answers: Missed[] = [
      { sync: nothing, heads: { [known]: head, [told]: head, [untold]: head } },
      { sync: { ...nothing, gone: [known] }, heads: { [told]: head, [untold]: head } },
    ];
    missed = () => {
      const answer = answers.shift();
      if (answers.length > 0) feeds.get(known)?.receive(removedParticipant(known, 6, bob));
      return answer as Missed;
    };
    const { told: frames, rooms } = await open({ [known]: head, [told]: head, [untold]: head });
    expect(frames).toMatchObject([
      ['session', { heads: { [told]: head, [untold]: head } }],
      ['synced', { gone: [known] }],
    ]);
    expect(frames[0]?.[1]['heads']).not.toHaveProperty(known);
    expect([...rooms]).not.toContain(`conversation:${known}`);
  });

  describe('with heads, where the answer has no room for all conversations', () => {
    beforeEach(() => {
      missed = () => ({
        sync: {
          epoch: 'epoch',
          conversations: {},
          new_conversations: [{ ...aConversation({ id: told }) } as Missed['sync']['new_conversations'][number]],
          gone: [],
          has_more: true,
        },
        heads: { [known]: head, [told]: head },
      });
    });

    it('names no head of those that it does not tell of: the client asks for them with what it has', async () => {
      const { told: frames, rooms } = await open({ [known]: head });
      expect(frames.map(([event]) => event)).toEqual(['session', 'synced']);
      expect(frames[0]?.[1]['heads']).toEqual({ [known]: head, [told]: head });
      expect([...rooms]).toContain(`conversation:${untold}`);
    });

    it.each([
      ['not at all', {}],
      ['in part', { [known]: { messages: [], changed: [], participants: [], has_more: true, last_seq: 3, rev: 4 } }],
    ])('names no head of a known one of which it tells %s', async (_, conversations) => {
      const answer = missed();
      missed = () => ({ ...answer, sync: { ...answer.sync, conversations } });
      for (const seen of [{ seq: 2, rev: 3 }, { seq: 4, rev: 4 }, 2]) {
        const { told: frames } = await open({ [known]: seen });
        expect(frames[0]?.[1]['heads']).toEqual({ [told]: head });
      }
    });

    it('names the heads of known ones of which nothing is left to tell', async () => {
      for (const seen of [head, head.seq]) {
        const { told: frames } = await open({ [known]: seen });
        expect(frames[0]?.[1]['heads']).toEqual({ [known]: head, [told]: head });
      }
    });

    it('shows what happened since the answer in those that it tells of alone', async () => {
      const answer = missed();
      missed = () => {
        for (const id of [told, untold]) {
          const message = aMessage({ conversation_id: id, seq: 5, rev: 6 });
          feeds.get(id)?.receive(newMessage(id, { seq: 5, rev: 6 }, message));
        }
        return answer;
      };
      const { told: frames } = await open({ [known]: head });
      expect(frames.slice(2)).toMatchObject([['new_message', { conversation_id: told, rev: 6 }]]);
    });
  });
});
