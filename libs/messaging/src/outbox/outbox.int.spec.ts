import { setTimeout as delay } from 'node:timers/promises';
import { type Disruption, EventBus, type EventSubscription, type OutgoingEvent } from '@parley/bus';
import {
  type ChatEvent,
  type ConversationId,
  ConversationJoined,
  type HeadsMoved,
  MessageCreated,
  type MessageView,
  type PayloadOf,
  subjectOf,
  type UserId,
  writeJson,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
import { OutboxRelay } from './outbox.relay';

jest.setTimeout(30_000);

/** A broker that takes events as the test wants it to. */
class FakeEventBus extends EventBus {
  readonly published: OutgoingEvent[] = [];
  readonly dedupIds: string[] = [];
  readonly broadcasts: unknown[] = [];
  private readonly hangUps: (() => void)[] = [];

  constructor(
    private readonly taking: 'takes' | 'takes its time' | 'refuses' | 'never answers' | 'finds too large' = 'takes',
  ) {
    super();
  }

  override async publish(events: readonly OutgoingEvent[], { dedupId }: { readonly dedupId: string }): Promise<void> {
    if (this.taking === 'refuses') throw new AppError('service_unavailable');
    if (this.taking === 'finds too large') throw new AppError('payload_too_large');
    if (this.taking === 'takes its time') await delay(100);
    if (this.taking === 'never answers') {
      await new Promise((_, reject) => this.hangUps.push(() => reject(new AppError('service_unavailable'))));
    }
    this.published.push(...events);
    this.dedupIds.push(dedupId);
  }

  /** Ends the waiting of those whom it never answers. */
  hangUp(): void {
    for (const hangUp of this.hangUps) hangUp();
  }

  override broadcast<E extends ChatEvent<'live'>>(_event: E, payload: PayloadOf<E>): void {
    this.broadcasts.push(payload);
  }

  override subscribe(): Promise<EventSubscription> {
    return Promise.resolve({ close: () => Promise.resolve() });
  }

  override consume(): Promise<EventSubscription> {
    return this.subscribe();
  }

  override onDisruption(_listener: (reason: Disruption) => void): void {}
}

let database: TestDatabase;
let running: MessagingProcess[];
let buses: FakeEventBus[];

beforeEach(async () => {
  database = await testDatabase();
  running = [];
  buses = [];
});
afterEach(async () => {
  for (const bus of buses) bus.hangUp();
  await Promise.all(running.map((process) => process.close()));
  await database.drop();
});
afterEach(() => jest.restoreAllMocks());

async function start(bus: FakeEventBus, databaseUrl = database.url): Promise<MessagingProcess> {
  buses.push(bus);
  const process = await startMessaging(databaseUrl, bus);
  running.push(process);
  return process;
}

/** Two users and a conversation, whose own announcement is out. */
async function settle(process: MessagingProcess): Promise<{ scene: Scene; id: ConversationId; bob: UserId }> {
  const scene = new Scene(process);
  const users = await scene.users('alice', 'bob');
  const { id } = await scene.conversation(users);
  await database.query('DELETE FROM outbox');
  return { scene, id, bob: users[1] as UserId };
}

/** So many rows of facts that a crash left. */
async function leaveFacts(count: number): Promise<void> {
  const { scene, bob } = await settle(await start(new FakeEventBus('never answers')));
  await Promise.all(Array.from({ length: count }, () => scene.conversation([bob])));
}

const rows = () =>
  database.query<{ id: string; kind: string; payload: unknown }>('SELECT id, kind, payload FROM outbox');
async function outboxIsEmpty(): Promise<void> {
  while ((await rows()).length > 0);
}
const created = (conversationId: ConversationId, message: MessageView, rev = message.rev): OutgoingEvent => ({
  subject: subjectOf(MessageCreated, conversationId),
  payload: { v: 1, conversationId, rev, seq: message.seq, message },
});
/** As they are read at the other end. */
const ofMessages = (bus: FakeEventBus) =>
  bus.published
    .filter(({ subject }) => subject.endsWith(MessageCreated.name))
    .map(({ subject, payload }) => ({ subject, payload: JSON.parse(writeJson(payload)) as unknown }));

describe('after the commit', () => {
  it('announces each message, in order, and removes the row', async () => {
    const bus = new FakeEventBus();
    const { scene, id } = await settle(await start(bus));
    const sent = await Promise.all(Array.from({ length: 10 }, () => scene.send({ conversationId: id })));
    await outboxIsEmpty();
    expect(ofMessages(bus)).toEqual(sent.map(({ message }) => created(id, message)));
  });

  it('announces nothing that was refused or sent before', async () => {
    const bus = new FakeEventBus();
    const { scene, id } = await settle(await start(bus));
    const key = { by: 'client', id: 'k' } as const;
    await scene.send({ conversationId: id, key });
    await scene.send({ conversationId: id, key });
    await scene.send({ conversationId: id, senderId: 'stranger' as UserId }).catch(() => undefined);
    await outboxIsEmpty();
    expect(ofMessages(bus)).toHaveLength(1);
  });

  it('keeps one row for all that was stored together, while the broker does not answer', async () => {
    const { scene, id } = await settle(await start(new FakeEventBus('never answers')));
    const sent = await Promise.all(Array.from({ length: 3 }, () => scene.send({ conversationId: id })));
    expect(sent.map(({ message }) => message.seq)).toEqual([1, 2, 3]);
    expect(await rows()).toMatchObject([{ kind: 'messages', payload: [[id, 1, 2, 3]] }]);
  });

  it('keeps the row when the broker refuses', async () => {
    const { scene, id } = await settle(await start(new FakeEventBus('refuses')));
    expect((await scene.send({ conversationId: id })).message.seq).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it('gives up an event that no broker will ever take', async () => {
    const { scene, id } = await settle(await start(new FakeEventBus('finds too large')));
    await scene.send({ conversationId: id });
    await outboxIsEmpty();
  });
});

// Its processes are there before the rows are: of rows that are older than three seconds all of them take care by themselves.
describe('the relay', () => {
  it('publishes what a crashed process left, messages in their present state, and removes it', async () => {
    const bus = new FakeEventBus();
    const relay = (await start(bus)).get(OutboxRelay);
    const crashed = await start(new FakeEventBus('never answers'));
    const { scene, id, bob } = await settle(crashed);
    const { message: first } = await scene.send({ conversationId: id, metadata: { a: 1 } });
    const { message: second } = await scene.send({ conversationId: id, senderId: bob, replyToId: first.id });
    await database.query(`UPDATE messages SET content = 'edited', rev = 9 WHERE id = $1`, [first.id]);
    expect(await relay.relayOnce(0)).toBe(2);
    expect(ofMessages(bus)).toEqual([
      created(id, { ...first, content: 'edited', rev: 9 }, first.rev),
      created(id, { ...second, reply_to_content: 'edited' }),
    ]);
    expect(await rows()).toEqual([]);
  });

  it('publishes facts with the same name as the first time', async () => {
    const bus = new FakeEventBus();
    const relay = (await start(bus)).get(OutboxRelay);
    const crashed = await start(new FakeEventBus('never answers'));
    const scene = new Scene(crashed);
    const [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
    const { id } = await scene.conversation([alice, bob]);
    const [row] = await rows();
    expect(await relay.relayOnce(0)).toBe(1);
    expect(bus.published).toEqual(
      [alice, bob].map((userId) => ({
        subject: subjectOf(ConversationJoined, userId),
        payload: { v: 1, userId, conversationId: id, seq: 0, rev: 1 },
      })),
    );
    expect(bus.dedupIds).toEqual([`outbox:${row?.id}`]);
  });

  it('leaves young rows to the process that wrote them', async () => {
    const bus = new FakeEventBus();
    const relay = (await start(bus)).get(OutboxRelay);
    const { scene, id } = await settle(await start(new FakeEventBus('never answers')));
    await scene.send({ conversationId: id });
    expect(await relay.relayOnce(60)).toBe(0);
    expect(bus.published).toEqual([]);
  });

  it('starts by itself, and finds rows of some age', async () => {
    const { scene, id } = await settle(await start(new FakeEventBus('refuses')));
    await scene.send({ conversationId: id });
    await database.query(`UPDATE outbox SET created_at = now() - interval '10 seconds'`);
    const bus = new FakeEventBus();
    await start(bus);
    await outboxIsEmpty();
    expect(ofMessages(bus)).toHaveLength(1);
  });

  it('keeps what the broker does not take', async () => {
    const relay = (await start(new FakeEventBus('refuses'))).get(OutboxRelay);
    const { scene, id } = await settle(await start(new FakeEventBus('never answers')));
    await scene.send({ conversationId: id });
    expect(await relay.relayOnce(0)).toBe(0);
    expect(await rows()).toHaveLength(1);
  });

  it('is done before its session is ended for standing idle, where the broker takes its time', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c idle_in_transaction_session_timeout=2s');
    const relay = (await start(new FakeEventBus('takes its time'), url.href)).get(OutboxRelay);
    await leaveFacts(40);
    expect(await relay.relayOnce(0)).toBe(40);
    expect(await rows()).toEqual([]);
  });

  it('removes in time what it has published, however slow the broker, and publishes the rest next time', async () => {
    const bus = new FakeEventBus();
    const relay = (await start(bus)).get(OutboxRelay);
    await leaveFacts(40);
    const startedAt = performance.now();
    // Each row takes the broker a second.
    jest.spyOn(performance, 'now').mockImplementation(() => startedAt + 1_000 * bus.dedupIds.length);
    const removed = await relay.relayOnce(0);
    expect(removed).toBeGreaterThan(0);
    expect(removed).toBeLessThan(40);
    expect(await rows()).toHaveLength(40 - removed);
    while ((await relay.relayOnce(0)) > 0);
    expect(await rows()).toEqual([]);
    expect(new Set(bus.dedupIds).size).toBe(40);
    expect(bus.dedupIds).toHaveLength(40);
  });

  it('shares the work: of several each row is published by one', async () => {
    const three = [new FakeEventBus(), new FakeEventBus(), new FakeEventBus()];
    const relays = await Promise.all(three.map(async (bus) => (await start(bus)).get(OutboxRelay)));
    const { scene, id } = await settle(await start(new FakeEventBus('never answers')));
    for (let n = 0; n < 20; n++) await scene.send({ conversationId: id });
    await Promise.all(relays.map((relay) => relay.relayOnce(0)));
    await outboxIsEmpty();
    const seqs = buses.flatMap(ofMessages).map(({ payload }) => (payload as PayloadOf<typeof MessageCreated>).seq);
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe('the end of a process', () => {
  it('writes and announces what it has taken, removes the rows, and tells the last heads', async () => {
    const bus = new FakeEventBus();
    const process = await start(bus);
    const { scene, id } = await settle(process);
    const sending = Promise.all(Array.from({ length: 5 }, () => scene.send({ conversationId: id })));
    running = [];
    await process.close();
    expect(await sending).toHaveLength(5);
    expect(ofMessages(bus)).toHaveLength(5);
    expect(await rows()).toEqual([]);
    const told = bus.broadcasts.flatMap((payload) => (payload as PayloadOf<typeof HeadsMoved>).heads);
    expect(told.at(-1)).toEqual([id, 5, 6]);
  });
});
