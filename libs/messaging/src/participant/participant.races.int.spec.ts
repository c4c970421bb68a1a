import {
  AddParticipants,
  type ConversationId,
  JoinConversation,
  MessageCreated,
  ParticipantAdded,
  ParticipantRemoved,
  type ParticipantRole,
  ParticipantUpdated,
  RemoveParticipant,
  type Rev,
  UpdateConversation,
  UpdateParticipant,
  type UserId,
} from '@parley/contracts';
import { seededRandom, testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, codeOf, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';

jest.setTimeout(60_000);

const rounds = 20;

let database: TestDatabase;
let bus: RecordingEventBus;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;

beforeAll(async () => {
  database = await testDatabase();
  bus = new RecordingEventBus();
  here = await startMessaging(database.url, bus);
  there = await startMessaging(database.url, bus);
  scene = new Scene(here);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

const add = (process: MessagingProcess, id: ConversationId, userId: UserId, who: UserId, role: ParticipantRole) =>
  codeOf(process.rpc.call(AddParticipants, { conversationId: id, userId, participantIds: [who], role }));
const setRole = (process: MessagingProcess, id: ConversationId, userId: UserId, who: UserId, role: ParticipantRole) =>
  codeOf(process.rpc.call(UpdateParticipant, { conversationId: id, userId, participantId: who, role }));
const remove = (process: MessagingProcess, id: ConversationId, userId: UserId, who: UserId) =>
  codeOf(process.rpc.call(RemoveParticipant, { conversationId: id, userId, participantId: who }));
const join = (process: MessagingProcess, id: ConversationId, userId: UserId) =>
  codeOf(process.rpc.call(JoinConversation, { conversationId: id, userId }));

/** A public channel of Alice's, as admin, and others. */
async function channel(others: readonly (readonly [UserId, ParticipantRole])[]): Promise<ConversationId> {
  const { id } = await scene.conversation([alice], 'channel');
  const changes = { visibility: 'public' } as const;
  await here.rpc.call(UpdateConversation, { userId: alice, conversationId: id, changes });
  for (const [userId, role] of others) await add(here, id, alice, userId, role);
  return id;
}

async function present(id: ConversationId): Promise<{ count: number; members: Record<string, string> }> {
  const [row] = await database.query<{ participant_count: number }>(
    'SELECT participant_count FROM conversations WHERE id = $1',
    [id],
  );
  const rows = await database.query<{ user_id: string; role: string }>(
    'SELECT user_id, role FROM participants WHERE conversation_id = $1 AND left_at IS NULL',
    [id],
  );
  return {
    count: row?.participant_count ?? -1,
    members: Object.fromEntries(rows.map(({ user_id, role }) => [user_id, role])),
  };
}

/** Who is in it with which role, as those learn it who hear every change. */
function told(id: ConversationId): Record<string, string> {
  const changes: { rev: Rev; userId: UserId; role?: ParticipantRole }[] = [
    ...[...bus.of(ParticipantAdded, id), ...bus.of(ParticipantUpdated, id)].map(({ rev, participant }) => ({
      rev,
      userId: participant.user_id,
      role: participant.role,
    })),
    ...bus.of(ParticipantRemoved, id),
  ];
  const members = new Map<string, string>([[alice, 'admin']]);
  for (const { userId, role } of changes.sort((a, b) => a.rev - b.rev)) {
    if (role === undefined) members.delete(userId);
    else members.set(userId, role);
  }
  return Object.fromEntries(members);
}

/** Resolves when all changes of a conversation are announced. @returns their revs, in order. */
async function allRevs(id: ConversationId): Promise<Rev[]> {
  const [row] = await database.query<{ rev: string }>('SELECT rev FROM conversations WHERE id = $1', [id]);
  const all = Array.from({ length: Number(row?.rev) - 1 }, (_, n) => n + 2);
  for (const rev of all) await bus.heard(id, rev);
  expect(bus.revsOf(id).sort((a, b) => a - b)).toEqual(all);
  return all;
}

describe('at the same time', () => {
  it('two admins who demote each other leave one', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await channel([[bob, 'admin']]);
      const codes = await Promise.all([
        setRole(here, id, alice, bob, 'participant'),
        setRole(there, id, bob, alice, 'participant'),
      ]);
      expect(codes.sort()).toEqual(['insufficient_role', 'no error']);
      expect(Object.values((await present(id)).members).sort()).toEqual(['admin', 'participant']);
    }
  });

  it('two admins who leave, or step down, leave one to a third', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await channel([
        [bob, 'admin'],
        [carol, 'participant'],
      ]);
      const codes = await Promise.all([
        remove(here, id, alice, alice),
        round % 2 === 0 ? remove(there, id, bob, bob) : setRole(there, id, bob, bob, 'moderator'),
      ]);
      expect(codes.sort()).toEqual(['last_admin', 'no error']);
      expect(Object.values((await present(id)).members)).toContain('admin');
    }
  });

  it('a user who is added, and added, and joins, is let in once', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await channel([]);
      const codes = await Promise.all([
        add(here, id, alice, bob, 'participant'),
        add(there, id, alice, bob, 'participant'),
        join(there, id, bob),
      ]);
      expect(codes).toEqual(['no error', 'no error', 'no error']);
      expect((await present(id)).count).toBe(2);
      await allRevs(id);
      expect(bus.of(ParticipantAdded, id)).toMatchObject([{ rev: 3, participant: { user_id: bob } }]);
    }
  });

  it('one who joins while being taken out is in or out, as was told last', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await channel([[bob, 'participant']]);
      await Promise.all([remove(here, id, alice, bob), join(there, id, bob), join(here, id, bob)]);
      await allRevs(id);
      const { count, members } = await present(id);
      expect(told(id)).toEqual(members);
      expect(count).toBe(Object.keys(members).length);
    }
  });

  it('what one sends who is taken out comes before that, or not at all', async () => {
    for (let round = 0; round < rounds; round++) {
      const id = await channel([[bob, 'participant']]);
      const send = (process: MessagingProcess) =>
        codeOf(sendMessage(process.rpc, aSend({ conversationId: id, senderId: bob })));
      const sending = Array.from({ length: 30 }, (_, n) => send(n % 2 === 0 ? here : there));
      // After some of them, which is sooner than after all.
      await Promise.race(sending.slice(round, round + 2));
      const [, ...codes] = await Promise.all([remove(there, id, alice, bob), ...sending]);
      expect(await send(here)).toBe('not_a_participant');
      await allRevs(id);
      const [removal] = bus.of(ParticipantRemoved, id);
      const sent = bus.of(MessageCreated, id).map(({ rev }) => rev);
      expect(Math.max(0, ...sent)).toBeLessThan(removal?.rev ?? 0);
      expect(codes.filter((code) => code === 'no error')).toHaveLength(sent.length);
    }
  });
});

it('a history of everything keeps the count, an admin, and no gap', async () => {
  const users = [alice, bob, carol, ...(await scene.users('dora', 'emil', 'frida'))] as const;
  const roles: readonly ParticipantRole[] = ['admin', 'moderator', 'participant'];
  const id = await channel([
    [bob, 'admin'],
    [carol, 'moderator'],
  ]);
  const random = seededRandom(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const codes = new Set<unknown>();
  for (let round = 0; round < 60; round++) {
    const steps = Array.from({ length: 6 }, () => {
      const [process, by, who, role] = [pick([here, there]), pick(users), pick(users), pick(roles)];
      return pick([
        () => add(process, id, by, who, role),
        () => setRole(process, id, by, who, role),
        () => remove(process, id, by, who),
        () => join(process, id, by),
        () => codeOf(sendMessage(process.rpc, aSend({ conversationId: id, senderId: by }))),
      ])();
    });
    for (const code of await Promise.all(steps)) codes.add(code);
    const { count, members } = await present(id);
    expect(count).toBe(Object.keys(members).length);
    if (count > 0) expect(Object.values(members)).toContain('admin');
  }
  expect([...codes].sort()).toEqual([
    'insufficient_role',
    'last_admin',
    'no error',
    'not_a_participant',
    'participant_not_found',
  ]);
  await allRevs(id);
  expect(told(id)).toEqual((await present(id)).members);
});
