import { EventEmitter } from 'node:events';
import type { EventBus, EventListener } from '@parley/bus';
import { RpcClient } from '@parley/bus';
import type { PresenceConfig } from '@parley/config';
import {
  BlockChanged,
  type ChatEvent,
  ConversationId,
  type ListAudiences,
  type PayloadOf,
  PresenceChanged,
  type PresenceStatus,
  ReadStatuses,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  subjectOf,
  UserId,
} from '@parley/contracts';
import { conversationRoom, lateRoom, userRoom, watchRoom } from '../../rooms';
import type { ChatServer } from '../../session/chat.socket';
import type { PresenceReporter } from '../../session/presence.reporter';
import { SocketServer } from '../../session/socket.server';
import { EphemeralEmitter } from './ephemeral.emitter';
import { PresenceAudience } from './presence.audience';
import { PresenceEmitter } from './presence.emitter';
import { PresenceFanout } from './presence.fanout';
import { PresenceMirror } from './presence.mirror';
import type { PresenceWatches } from './presence.watches';

const conversation = (n: number) => ConversationId.parse(String(n));
const user = (name: string) => UserId.parse(name);
const [alice, bob, carol] = [user('alice'), user('bob'), user('carol')];

/** Who takes part where, and who blocks whom, as messaging and presence know it. */
class FakeServices extends RpcClient {
  readonly participants = new Map<ConversationId, UserId[]>();
  readonly blockers = new Map<UserId, UserId[]>();
  readonly statuses = new Map<UserId, PresenceStatus>();
  isComplete = true;
  /** For whose statuses it was asked, one time after another. */
  readonly asked: UserId[][] = [];

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>): Promise<ResponseOf<R>> {
    return (rpc.subject === ReadStatuses.subject ? this.read(request) : this.audiences(request)) as ResponseOf<R>;
  }

  private audiences(request: unknown): ResponseOf<typeof ListAudiences> {
    const { conversationIds, userIds } = request as RequestOf<typeof ListAudiences>;
    return {
      participants: conversationIds.map((id) => [id, this.participants.get(id) ?? []]),
      blockers: userIds.map((id) => [id, this.blockers.get(id) ?? []]),
    };
  }

  private read(request: unknown): ResponseOf<typeof ReadStatuses> {
    const { userIds } = request as RequestOf<typeof ReadStatuses>;
    this.asked.push(userIds);
    const known = userIds.filter((userId) => this.statuses.has(userId));
    return {
      statuses: known.map((userId) => ({ userId, status: this.statuses.get(userId) ?? 'offline', lastSeen: null })),
      isComplete: this.isComplete,
    };
  }
}

/** As much of a Socket.IO server as is emitted through; counts what is looked up. */
class FakeServer {
  readonly heard: { rooms: string[]; except: string[]; frame: unknown }[] = [];
  lookups = 0;
  private readonly members = new Map<string, Set<string>>();
  private readonly events = new EventEmitter();
  readonly sockets = {
    sockets: new Map<string, { rooms: Set<string>; data: { session: { userId: UserId } } }>(),
    adapter: Object.assign(this.events, {
      rooms: {
        has: (room: string) => this.members.has(room),
        get: (room: string) => {
          this.lookups++;
          return this.members.get(room);
        },
      },
    }),
  };

  readonly local = {
    to: (rooms: string[]) => ({
      except: (except: string[]) => ({
        emit: (_event: string, frame: unknown) =>
          void this.heard.push({ rooms, except: except.filter((room) => room !== lateRoom), frame }),
      }),
    }),
  };

  connect(socketId: string, userId: UserId): void {
    this.sockets.sockets.set(socketId, { rooms: new Set(), data: { session: { userId } } });
    this.join(socketId, socketId);
    this.join(socketId, userRoom(userId));
  }

  join(socketId: string, room: string): void {
    const isNew = !this.members.has(room);
    this.members.set(room, (this.members.get(room) ?? new Set()).add(socketId));
    this.sockets.sockets.get(socketId)?.rooms.add(room);
    if (isNew) this.events.emit('create-room', room);
    this.events.emit('join-room', room, socketId);
  }

  close(room: string): void {
    this.members.delete(room);
    this.events.emit('delete-room', room);
  }
}

describe('PresenceFanout', () => {
  let services: FakeServices;
  let server: FakeServer;
  let audience: PresenceAudience;
  let fanout: PresenceFanout;
  let mirror: PresenceMirror;
  let opened: Set<ConversationId>;
  let tell: (userId: UserId, status: PresenceStatus, chosen?: PresenceStatus | null) => void;
  let block: (blockerId: UserId, blockedId: UserId, isBlocked: boolean) => void;
  const config = { fanoutBytesPerSecond: 1_000_000, leaseMs: 20 } as PresenceConfig;

  const start = async (own: PresenceConfig = config) => {
    const sockets = new SocketServer();
    audience = new PresenceAudience(services, sockets);
    const emitter = new PresenceEmitter(new EphemeralEmitter(sockets, own), audience);
    const listeners = new Map<string, EventListener>();
    const events = {
      onDisruption: () => undefined,
      subscribe: (subject: string, heard: EventListener) => {
        listeners.set(subject, heard);
        return Promise.resolve({ close: () => Promise.resolve() });
      },
    } as unknown as EventBus;
    const watches = {
      hear: () => undefined,
      recheckOf: () => undefined,
      users: () => [],
      isWatched: () => false,
    } as unknown as PresenceWatches;
    const reporter = { learn: () => undefined } as unknown as PresenceReporter;
    mirror = new PresenceMirror(services, events, audience, watches, own);
    fanout = new PresenceFanout(events, audience, watches, emitter, reporter, mirror);
    fanout.onApplicationBootstrap();
    opened = new Set();
    audience.on('opened', (id) => opened.add(id));
    sockets.bind(server as unknown as ChatServer);
    const hear = <E extends ChatEvent<'live'>>(event: E, payload: PayloadOf<E>) =>
      listeners.get(subjectOf(event))?.receive({ subject: subjectOf(event), parse: () => payload as never });
    tell = (userId, status, chosen = null) => {
      const payload: PayloadOf<typeof PresenceChanged> = {
        v: 1,
        changes: [{ userId, status, chosen, lastSeen: null }],
      };
      hear(PresenceChanged, payload);
    };
    block = (blockerId, blockedId, isBlocked) => {
      services.blockers.set(blockedId, isBlocked ? [blockerId] : []);
      hear(BlockChanged, { v: 1, blockerId, blockedId, isBlocked });
    };
    await Promise.resolve();
  };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

  beforeEach(async () => {
    services = new FakeServices();
    server = new FakeServer();
    await start();
  });
  afterEach(async () => {
    audience.onApplicationShutdown();
    mirror.onApplicationShutdown();
    await fanout.onApplicationShutdown();
  });

  /** Bob has a socket here that hears these conversations. */
  const bobLooksAt = (...ids: ConversationId[]) => looksAt(bob, 's1', ids);
  const looksAt = async (userId: UserId, socketId: string, ids: readonly ConversationId[]) => {
    audience.came(userId);
    server.connect(socketId, userId);
    for (const id of ids) server.join(socketId, conversationRoom(id));
    while ([...audience.unknown].length > 0 || ids.some((id) => !opened.has(id))) await pause();
  };

  it('shows a change in the conversations that it concerns, and to nobody else', async () => {
    services.participants.set(conversation(1), [alice, bob]).set(conversation(2), [bob, carol]);
    await bobLooksAt(conversation(1), conversation(2));
    tell(alice, 'online');
    tell(user('stranger'), 'online');
    expect(server.heard).toEqual([
      {
        rooms: [conversationRoom(conversation(1))],
        except: [userRoom(alice)],
        frame: { user_id: alice, status: 'online', is_typing: false, last_seen: null },
      },
    ]);
  });

  it('shows users what they have chosen on their other devices, and not that they came themselves', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    await bobLooksAt(conversation(1));
    tell(bob, 'online');
    tell(bob, 'busy', 'busy');
    // Nobody else is there to hear that bob came.
    expect(server.heard.map(({ rooms, except }) => [rooms, except])).toEqual([[[userRoom(bob)], []]]);
  });

  it('costs in proportion to those who look, not to those who might', async () => {
    for (let n = 1; n <= 2_000; n++) services.participants.set(conversation(n), [alice, user(`contact-${n}`)]);
    await bobLooksAt(conversation(7));
    server.lookups = 0;
    tell(alice, 'online');
    tell(alice, 'offline');
    expect(server.heard).toHaveLength(2);
    expect(server.lookups).toBeLessThan(20);
  });

  it('costs no more where one who knows thousands has a socket, too', async () => {
    const all = Array.from({ length: 2_000 }, (_, n) => conversation(n + 1));
    for (const id of all) services.participants.set(id, [alice, user(`contact-${id}`)]);
    services.participants.set(conversation(7), [alice, bob]);
    await looksAt(alice, 's2', all);
    await bobLooksAt(conversation(7));
    expect([...audience.conversationsWith(alice)]).toEqual([conversation(7)]);
    server.lookups = 0;
    tell(alice, 'away', 'away');
    expect(server.heard.map(({ rooms }) => rooms)).toEqual([[conversationRoom(conversation(7)), userRoom(alice)]]);
    expect(server.lookups).toBeLessThan(20);
  });

  it('leaves out only those newcomers who would hear it', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    await bobLooksAt(conversation(1));
    for (let n = 0; n < 1_000; n++) audience.came(user(`newcomer-${n}`));
    tell(alice, 'online');
    expect(server.heard.map(({ except }) => except)).toEqual([[userRoom(alice)]]);
  });

  it('shows nothing to those whom the user blocks, and to newcomers only when that is known', async () => {
    services.participants.set(conversation(1), [alice, bob, carol]);
    services.blockers.set(bob, [alice]);
    await bobLooksAt(conversation(1));
    audience.came(carol);
    server.connect('s2', carol);
    server.join('s2', conversationRoom(conversation(1)));
    tell(alice, 'online');
    expect(server.heard.map(({ except }) => except)).toEqual([[userRoom(bob), userRoom(carol), userRoom(alice)]]);
  });

  it('shows whom it blocks that the user is gone, and how the user is when the block ends', async () => {
    services.participants.set(conversation(1), [alice, bob, carol]);
    await bobLooksAt(conversation(1));
    tell(alice, 'online');
    block(alice, bob, true);
    tell(alice, 'busy');
    while (audience.unknown.size > 0) await pause();
    block(alice, bob, false);
    while (audience.unknown.size > 0) await pause();
    const shown = server.heard.map(({ rooms, except, frame }) => [
      rooms,
      except.includes(userRoom(bob)),
      (frame as { status: string }).status,
    ]);
    expect(shown).toEqual([
      [[conversationRoom(conversation(1))], false, 'online'],
      [[conversationRoom(conversation(1))], true, 'busy'],
      [['s1'], false, 'offline'],
      [['s1'], false, 'busy'],
    ]);
  });

  it('shows a conversation that opens what was told a moment before', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    tell(alice, 'online');
    await bobLooksAt(conversation(1));
    expect(server.heard).toEqual([expect.objectContaining({ rooms: [conversationRoom(conversation(1))] })]);
  });

  it('shows it not again to those who heard it in another conversation', async () => {
    services.participants.set(conversation(1), [alice, bob]).set(conversation(2), [alice, bob, carol]);
    await bobLooksAt(conversation(1));
    tell(alice, 'away', 'away');
    server.join('s1', conversationRoom(conversation(2)));
    await pause();
    expect(server.heard.map(({ rooms, except }) => [rooms, except])).toEqual([
      [[conversationRoom(conversation(1))], []],
      [[conversationRoom(conversation(2))], [watchRoom(alice), conversationRoom(conversation(1)), userRoom(alice)]],
    ]);
  });

  it('forgets the conversations that nobody here is in any more', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    await bobLooksAt(conversation(1));
    server.close(conversationRoom(conversation(1)));
    expect([...audience.users()]).toEqual([]);
    tell(alice, 'online');
    expect(server.heard).toEqual([]);
  });

  it('shows once what is told again', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    await bobLooksAt(conversation(1));
    for (const status of ['online', 'online', 'offline', 'offline'] as const) tell(alice, status);
    expect(server.heard.map(({ frame }) => (frame as { status: string }).status)).toEqual(['online', 'offline']);
  });

  it('keeps what the budget does not allow, the latest of each user, until it does', async () => {
    services.participants.set(conversation(1), [alice, bob, carol]);
    const poor = { ...config, fanoutBytesPerSecond: 1_024 };
    await fanout.onApplicationShutdown();
    await start(poor);
    await bobLooksAt(conversation(1));
    // The budget grows with the time: here there is none for as long as it is spent.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    for (let n = 0; n < 100; n++) {
      tell(alice, 'online');
      tell(alice, 'away', 'away');
    }
    const shown = server.heard.length;
    expect(shown).toBeLessThan(20);
    const last = (server.heard.at(-1)?.frame as { status: PresenceStatus }).status === 'away' ? 'online' : 'away';
    tell(alice, last, last);
    expect(server.heard).toHaveLength(shown);
    clock.mockRestore();
    while (server.heard.length === shown) await pause();
    expect(server.heard.at(-1)?.frame).toMatchObject({ user_id: alice, status: last });
    expect(server.heard).toHaveLength(shown + 1);
  });

  it('corrects what was lost on its way', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    services.statuses.set(alice, 'online');
    await bobLooksAt(conversation(1));
    tell(alice, 'online');
    services.statuses.delete(alice);
    mirror.onApplicationBootstrap();
    while (server.heard.length < 2) await pause();
    expect(server.heard.at(-1)?.frame).toMatchObject({ user_id: alice, status: 'offline' });
  });

  it('asks about those who are shown as offline now and then, about the others each time', async () => {
    const all = Array.from({ length: 40 }, (_, n) => user(`person-${n}`));
    services.participants.set(conversation(1), [bob, alice, ...all]);
    services.statuses.set(alice, 'online');
    await bobLooksAt(conversation(1));
    tell(alice, 'online');
    mirror.onApplicationBootstrap();
    while (services.asked.length < 5) await pause();
    expect(services.asked[0]).toHaveLength(41);
    for (const users of services.asked.slice(1, 5)) {
      expect(users).toContain(alice);
      expect(users.length).toBeLessThan(15);
    }
    expect(new Set(services.asked.slice(1, 5).flat()).size).toBe(41);
  });

  it('believes nobody to be gone while a store that lost all is filled again', async () => {
    services.participants.set(conversation(1), [alice, bob]);
    services.statuses.set(alice, 'online');
    await bobLooksAt(conversation(1));
    tell(alice, 'online');
    services.statuses.delete(alice);
    services.isComplete = false;
    mirror.onApplicationBootstrap();
    for (let turn = 0; turn < 20; turn++) await pause();
    expect(server.heard).toHaveLength(1);
    services.isComplete = true;
    while (server.heard.length < 2) await pause();
  });
});
