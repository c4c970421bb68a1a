import type { EventBus, EventListener, ReceivedEvent } from '@parley/bus';
import {
  ConversationId,
  MessageId,
  type PayloadOf,
  type ReceiptsMoved,
  type ServerEvent,
  UserId,
} from '@parley/contracts';
import { conversationRoom } from '../../rooms';
import type { ChatSocket } from '../../session/chat.socket';
import { SessionRegistry } from '../../session/session.registry';
import { type ConversationListeners, SocketServer } from '../../session/socket.server';
import type { FeedRegistry } from '../feed/feed.registry';
import { ReceiptFanout } from './receipt.fanout';

type Receipt = PayloadOf<typeof ReceiptsMoved>['receipts'][number];

const [here, elsewhere] = [ConversationId.parse('1'), ConversationId.parse('2')];

class FakeSockets extends SocketServer {
  readonly shown: [event: ServerEvent, upToSeq: number][] = [];

  override emitToConversation(_: ConversationListeners, event: ServerEvent, frame: object): void {
    this.shown.push([event, (frame as { up_to_seq: number }).up_to_seq]);
  }
}

/** One device, and what is said to it alone. */
class FakeSocket {
  readonly heard: string[] = [];
  readonly data: { session: { userId: UserId } };

  constructor(
    userId: string,
    readonly rooms: ReadonlySet<string>,
  ) {
    this.data = { session: { userId: UserId.parse(userId) } };
  }

  emit(event: ServerEvent): void {
    this.heard.push(event);
  }
}

describe('ReceiptFanout', () => {
  let sockets: FakeSockets;
  let sessions: SessionRegistry;
  let hear: EventListener['receive'];

  beforeEach(() => {
    sockets = new FakeSockets();
    sessions = new SessionRegistry();
    const events = {
      subscribe: (_subject: string, listener: EventListener) => {
        hear = (event) => listener.receive(event);
        return Promise.resolve({ close: () => Promise.resolve() });
      },
    } as unknown as EventBus;
    const feeds = { get: (id: string) => (id === here ? {} : undefined) } as unknown as FeedRegistry;
    new ReceiptFanout(events, feeds, sockets, sessions).onApplicationBootstrap();
  });

  const tell = (...receipts: Partial<Receipt>[]): void => {
    const [userId, messageId] = [UserId.parse('bob'), MessageId.parse('7')];
    const at = '2026-01-20T10:00:00.000Z';
    const payload: PayloadOf<typeof ReceiptsMoved> = {
      v: 1,
      receipts: receipts.map((receipt) => {
        return { conversationId: here, userId, kind: 'read', upToSeq: 1, messageId, at, ...receipt };
      }),
    };
    hear({ parse: () => payload } as unknown as ReceivedEvent);
  };

  it('shows who has read and who has got, where sockets are', () => {
    tell({ upToSeq: 3 }, { upToSeq: 4, kind: 'delivered' }, { upToSeq: 9, conversationId: elsewhere });
    expect(sockets.shown).toEqual([
      ['message_read', 3],
      ['message_delivered', 4],
    ]);
  });

  it('shows what was read in a large conversation to the devices of the user that are in it, and to nobody else', () => {
    const inside = new Set([conversationRoom(here)]);
    const devices = [
      new FakeSocket('bob', inside),
      new FakeSocket('bob', inside),
      new FakeSocket('bob', new Set()),
      new FakeSocket('carol', inside),
    ];
    for (const device of devices) sessions.add(device as unknown as ChatSocket);
    tell({ isOwn: true });
    expect(devices.map(({ heard }) => heard)).toEqual([['message_read'], ['message_read'], [], []]);
    expect(sockets.shown).toEqual([]);
  });

  it('shows no cursor further back than before, though another process tells of it later', () => {
    tell({ upToSeq: 17 });
    tell({ upToSeq: 13 });
    tell({ upToSeq: 33 });
    expect(sockets.shown).toEqual([
      ['message_read', 17],
      ['message_read', 33],
    ]);
  });
});
