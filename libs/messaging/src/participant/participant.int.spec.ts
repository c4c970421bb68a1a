import {
  AddParticipants,
  type ConversationId,
  ConversationJoined,
  GetConversation,
  JoinConversation,
  ListParticipants,
  ParticipantAdded,
  ParticipantRemoved,
  type ParticipantRole,
  ParticipantUpdated,
  RemoveParticipant,
  type RequestOf,
  subjectOf,
  UpdateConversation,
  UpdateParticipant,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { codeOf, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';

let database: TestDatabase;
let bus: RecordingEventBus;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;
let dora: UserId;

beforeAll(async () => {
  database = await testDatabase();
  bus = new RecordingEventBus();
  process = await startMessaging(database.url, bus);
  scene = new Scene(process);
  [alice, bob, carol, dora] = (await scene.users('alice', 'bob', 'carol', 'dora')) as [UserId, UserId, UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

type Place = readonly [conversationId: ConversationId, userId: UserId];

const add = (by: Place, participantIds: UserId[], role: ParticipantRole = 'participant') =>
  process.rpc.call(AddParticipants, { conversationId: by[0], userId: by[1], participantIds, role });
const update = (by: Place, participantId: UserId, changes: Partial<RequestOf<typeof UpdateParticipant>>) =>
  process.rpc.call(UpdateParticipant, { conversationId: by[0], userId: by[1], participantId, ...changes });
const remove = (by: Place, participantId: UserId) =>
  process.rpc.call(RemoveParticipant, { conversationId: by[0], userId: by[1], participantId });
const leave = (place: Place) => remove(place, place[1]);
const join = (place: Place) => process.rpc.call(JoinConversation, { conversationId: place[0], userId: place[1] });
const get = async ([conversationId, userId]: Place) =>
  (await process.rpc.call(GetConversation, { conversationId, userId })).conversation;
const publish = ([conversationId, userId]: Place) =>
  process.rpc.call(UpdateConversation, { conversationId, userId, changes: { visibility: 'public' } });
const row = async ([conversationId, userId]: Place) =>
  (
    await database.query('SELECT * FROM participants WHERE conversation_id = $1 AND user_id = $2', [
      conversationId,
      userId,
    ])
  )[0];
/** When a user was told to be in a conversation. */
const joinings = (id: ConversationId, userId: UserId) =>
  bus.published
    .filter(({ subject }) => subject === subjectOf(ConversationJoined, userId))
    .map(({ payload }) => ConversationJoined.payload.parse(payload))
    .filter(({ conversationId }) => conversationId === id);

describe('adding', () => {
  it('lets several in, each under a rev of its own, with nothing unread, and tells all and each', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await scene.send({ conversationId: id, senderId: alice });
    const { participants, added } = await add([id, alice], [dora, bob, carol, dora], 'moderator');
    expect(added).toBe(2);
    expect(participants).toMatchObject([
      { user_id: dora, role: 'moderator', last_read_seq: 1, last_read_at: null, last_delivered_seq: 1 },
      { user_id: bob, role: 'participant', last_read_seq: 0 },
      { user_id: carol, role: 'moderator', last_read_seq: 1 },
    ]);
    expect(await get([id, dora])).toMatchObject({
      rev: 4,
      participant_count: 4,
      unread_count: 0,
      my_role: 'moderator',
    });
    await bus.heard(id, 4);
    expect(bus.of(ParticipantAdded, id)).toEqual([
      { v: 1, conversationId: id, rev: 3, participant: participants[0] },
      { v: 1, conversationId: id, rev: 4, participant: participants[2] },
    ]);
    expect(joinings(id, dora)).toEqual([{ v: 1, userId: dora, conversationId: id, seq: 1, rev: 3 }]);
    expect(joinings(id, carol)).toEqual([{ v: 1, userId: carol, conversationId: id, seq: 1, rev: 4 }]);
    expect([await row([id, dora]), await row([id, carol])]).toMatchObject([{ rev: '3' }, { rev: '4' }]);
  });

  it('leaves those who are in it as they are, and announces nothing', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await add([id, alice], [bob], 'admin')).toMatchObject({ added: 0, participants: [{ role: 'participant' }] });
    expect(await get([id, alice])).toMatchObject({ rev: 1, participant_count: 2 });
  });

  it('brings back one who left, in a new role, with nothing unread, and as muted as before', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const [before] = (await add([id, alice], [carol], 'moderator')).participants;
    await update([id, alice], carol, { isMuted: true });
    await process.rpc.call(UpdateConversation, { conversationId: id, userId: carol, changes: { is_archived: true } });
    await leave([id, carol]);
    for (let n = 0; n < 3; n++) await scene.send({ conversationId: id, senderId: alice });
    const [back] = (await add([id, alice], [carol])).participants;
    expect(back).toMatchObject({ role: 'participant', is_muted: true, last_read_seq: 3, last_delivered_seq: 3 });
    expect((back?.joined_at ?? '') > (before?.joined_at ?? '')).toBe(true);
    expect(await get([id, carol])).toMatchObject({ unread_count: 0, is_archived: false, participant_count: 3 });
    await bus.heard(id, (await get([id, alice])).rev);
    expect(joinings(id, carol).map(({ rev }) => rev)).toEqual([2, 8]);
  });

  it('names those who do not exist by their places, and adds nobody', async () => {
    const { id } = await scene.conversation([alice]);
    await expect(add([id, alice], [bob, 'ghost' as UserId])).rejects.toMatchObject({
      code: 'unknown_users',
      issues: [{ path: 'user_ids.1', message: 'there is no user ghost' }],
    });
    expect(await get([id, alice])).toMatchObject({ rev: 1, participant_count: 1 });
  });

  it('takes a thousand at once, and tells of as many as one answer holds', async () => {
    await database.query(
      `INSERT INTO users (id, display_name, avatar_url) SELECT 'big' || i, 'Big', 'https://example.com/' || repeat('a', 2000)
       FROM generate_series(1, 1000) i`,
    );
    const { id } = await scene.conversation([alice]);
    const ids = Array.from({ length: 1_000 }, (_, n) => `big${n + 1}` as UserId);
    const { participants, added } = await add([id, alice], ids);
    expect(added).toBe(1_000);
    expect(participants.length).toBeLessThan(1_000);
    expect(await get([id, alice])).toMatchObject({ rev: 1_001, participant_count: 1_001 });
    await bus.heard(id, 1_001);
    expect(bus.revsOf(id)).toEqual(ids.map((_, n) => n + 2));
  });

  it.each<[string, UserId, ParticipantRole, string]>([
    ['a participant', 'bob' as UserId, 'participant', 'insufficient_role'],
    ['a moderator who names an admin', 'carol' as UserId, 'admin', 'insufficient_role'],
    ['a stranger', 'dora' as UserId, 'participant', 'not_a_participant'],
  ])('is not for %s', async (_who, by, role, code) => {
    const { id } = await scene.conversation([alice, bob]);
    await add([id, alice], [carol], 'moderator');
    const someone = await scene.user('someone');
    expect(await codeOf(add([id, by], [someone], role))).toBe(code);
    expect(await codeOf(add(['999999' as ConversationId, by], [someone]))).toBe('conversation_not_found');
  });

  it('is not for a direct conversation', async () => {
    const { id } = await scene.conversation([alice, bob], 'direct');
    expect(await codeOf(add([id, alice], [carol]))).toBe('not_for_direct');
  });
});

describe('joining', () => {
  it('lets anybody into what is public, once', async () => {
    const { id } = await scene.conversation([alice], 'channel');
    await publish([id, alice]);
    await scene.send({ conversationId: id, senderId: alice });
    const { conversation } = await join([id, bob]);
    expect(conversation).toMatchObject({ id, rev: 4, my_role: 'participant', unread_count: 0, participant_count: 2 });
    expect(conversation).toEqual(await get([id, bob]));
    expect((await join([id, bob])).conversation).toEqual(conversation);
    await bus.heard(id, 4);
    expect(bus.of(ParticipantAdded, id)).toMatchObject([{ rev: 4, participant: { user_id: bob } }]);
    expect(joinings(id, bob)).toMatchObject([{ seq: 1, rev: 4 }]);
  });

  it('lets back in who was taken out, as a participant, still muted', async () => {
    const { id } = await scene.conversation([alice], 'channel');
    await publish([id, alice]);
    await join([id, bob]);
    await update([id, alice], bob, { role: 'moderator', isMuted: true });
    await remove([id, alice], bob);
    expect((await join([id, bob])).conversation).toMatchObject({ my_role: 'participant', is_muted: true });
  });

  it('gives an empty one to whoever comes first', async () => {
    const { id } = await scene.conversation([alice], 'channel');
    await publish([id, alice]);
    await leave([id, alice]);
    expect((await join([id, bob])).conversation).toMatchObject({ my_role: 'admin', participant_count: 1 });
    expect((await join([id, alice])).conversation).toMatchObject({ my_role: 'participant', participant_count: 2 });
  });

  it.each(['group', 'channel', 'direct'] as const)('keeps strangers out of a private %s', async (type) => {
    const { id } = await scene.conversation([alice, bob], type);
    expect(await codeOf(join([id, carol]))).toBe('not_a_participant');
    expect((await join([id, bob])).conversation).toMatchObject({ id, rev: 1 });
    expect(await codeOf(join(['999999' as ConversationId, bob]))).toBe('conversation_not_found');
  });
});

describe('changing', () => {
  it('gives a role and silences under one rev, and tells all', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { participant, notifications } = await update([id, alice], bob, { role: 'moderator', isMuted: true });
    expect(participant).toMatchObject({ user_id: bob, role: 'moderator', is_muted: true });
    expect(notifications).toBeNull();
    expect(await codeOf(scene.send({ conversationId: id, senderId: bob }))).toBe('participant_muted');
    expect(await get([id, bob])).toMatchObject({ rev: 2, my_role: 'moderator', is_muted: true });
    await bus.heard(id, 2);
    expect(bus.of(ParticipantUpdated, id)).toEqual([{ v: 1, conversationId: id, rev: 2, participant }]);
    expect(await row([id, bob])).toMatchObject({ rev: '2' });
  });

  it('says nothing of what is so already', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await update([id, alice], bob, { role: 'participant', isMuted: false });
    await update([id, alice], alice, {});
    expect(await get([id, alice])).toMatchObject({ rev: 1 });
  });

  it('leaves notifications to each alone, also in a direct conversation, and tells nobody', async () => {
    for (const type of ['group', 'direct'] as const) {
      const { id } = await scene.conversation([alice, bob], type);
      expect(await update([id, bob], bob, { notifications: 'mentions' })).toMatchObject({ notifications: 'mentions' });
      expect(await update([id, bob], bob, {})).toMatchObject({ notifications: 'mentions' });
      expect(await get([id, bob])).toMatchObject({ notifications: 'mentions', rev: 1 });
      expect(await get([id, alice])).toMatchObject({ notifications: 'all' });
      expect(await codeOf(update([id, alice], bob, { notifications: 'none' }))).toBe('insufficient_role');
    }
  });

  it('is refused as a whole where a part of it is', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await codeOf(update([id, bob], bob, { notifications: 'none', role: 'admin' }))).toBe('insufficient_role');
    expect(await codeOf(update([id, alice], alice, { notifications: 'none', role: 'moderator' }))).toBe('last_admin');
    expect(await get([id, alice])).toMatchObject({ notifications: 'all', my_role: 'admin', rev: 1 });
  });

  it('goes by rank', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await add([id, alice], [carol, dora], 'moderator');
    expect(await codeOf(update([id, carol], alice, { isMuted: true }))).toBe('insufficient_role');
    expect(await codeOf(update([id, carol], bob, { role: 'admin' }))).toBe('insufficient_role');
    expect(await codeOf(update([id, carol], carol, { role: 'admin' }))).toBe('insufficient_role');
    expect(await codeOf(update([id, bob], dora, { isMuted: true }))).toBe('insufficient_role');
    expect(await codeOf(update([id, carol], dora, { role: 'participant', isMuted: true }))).toBe('no error');
    expect(await codeOf(update([id, carol], bob, { role: 'moderator' }))).toBe('no error');
    expect(await codeOf(update([id, carol], carol, { role: 'participant' }))).toBe('no error');
  });

  it('knows only those who are in it', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await leave([id, bob]);
    expect(await codeOf(update([id, alice], bob, { isMuted: true }))).toBe('participant_not_found');
    expect(await codeOf(update([id, alice], 'ghost' as UserId, { isMuted: true }))).toBe('participant_not_found');
    expect(await codeOf(update([id, bob], alice, { isMuted: true }))).toBe('not_a_participant');
    expect(await codeOf(update([id, carol], carol, { notifications: 'none' }))).toBe('not_a_participant');
  });

  it('is not for a direct conversation', async () => {
    const { id } = await scene.conversation([alice, bob], 'direct');
    expect(await codeOf(update([id, alice], bob, { isMuted: true }))).toBe('not_for_direct');
    expect(await codeOf(update([id, alice], alice, { role: 'admin' }))).toBe('not_for_direct');
  });

  it('keeps an admin', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await codeOf(update([id, alice], alice, { role: 'participant' }))).toBe('last_admin');
    await update([id, alice], bob, { role: 'admin' });
    expect(await codeOf(update([id, alice], alice, { role: 'participant' }))).toBe('no error');
    expect(await codeOf(update([id, bob], bob, { role: 'moderator' }))).toBe('last_admin');
  });
});

describe('taking out', () => {
  it('ends it for one, keeps a tombstone, and tells all', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    await remove([id, alice], bob);
    expect(await codeOf(get([id, bob]))).toBe('not_a_participant');
    expect(await codeOf(scene.send({ conversationId: id, senderId: bob }))).toBe('not_a_participant');
    const { rev, participant_count, participants } = await get([id, alice]);
    expect({ rev, participant_count, ids: participants.map(({ user_id }) => user_id) }).toEqual({
      rev: 2,
      participant_count: 2,
      ids: [alice, carol],
    });
    await bus.heard(id, 2);
    expect(bus.of(ParticipantRemoved, id)).toEqual([{ v: 1, conversationId: id, rev: 2, userId: bob }]);
    expect(await row([id, bob])).toMatchObject({ rev: '2', left_at: expect.any(String) as string });
  });

  it('is for oneself, or goes by rank', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await add([id, alice], [carol, dora], 'moderator');
    expect(await codeOf(remove([id, bob], carol))).toBe('insufficient_role');
    expect(await codeOf(remove([id, carol], alice))).toBe('insufficient_role');
    expect(await codeOf(remove([id, carol], dora))).toBe('no error');
    expect(await codeOf(remove([id, carol], dora))).toBe('participant_not_found');
    expect(await codeOf(leave([id, bob]))).toBe('no error');
    expect(await codeOf(leave([id, bob]))).toBe('not_a_participant');
    expect(await codeOf(remove([id, carol], 'ghost' as UserId))).toBe('participant_not_found');
  });

  it('keeps the last admin while others are there', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await codeOf(leave([id, alice]))).toBe('last_admin');
    await update([id, alice], bob, { role: 'admin' });
    expect(await codeOf(leave([id, alice]))).toBe('no error');
    expect(await codeOf(leave([id, bob]))).toBe('no error');
    expect(await database.query('SELECT participant_count FROM conversations WHERE id = $1', [id])).toEqual([
      { participant_count: 0 },
    ]);
  });

  it('is not for a direct conversation', async () => {
    const { id } = await scene.conversation([alice, bob], 'direct');
    expect(await codeOf(leave([id, alice]))).toBe('not_for_direct');
    expect(await codeOf(remove([id, alice], bob))).toBe('not_for_direct');
  });
});

describe('listing', () => {
  const list = (place: Place, fields: Partial<RequestOf<typeof ListParticipants>> = {}) =>
    process.rpc.call(ListParticipants, { conversationId: place[0], userId: place[1], limit: 2, page: 1, ...fields });

  it('goes through those who are in it by user id, by cursor and by page', async () => {
    const members = await scene.users('n3', 'n1', 'n5', 'n2', 'n4');
    const { id } = await scene.conversation([members[0] as UserId, ...members.slice(1)]);
    await leave([id, 'n2' as UserId]);
    const place: Place = [id, 'n3' as UserId];
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(place, cursor ? { cursor } : {});
      seen.push(...page.participants.map(({ user_id }) => user_id));
      cursor = page.nextCursor;
      expect(page.hasMore).toBe(cursor !== null);
    } while (cursor !== null);
    expect(seen).toEqual(['n1', 'n3', 'n4', 'n5']);
    expect((await list(place, { page: 2 })).participants).toMatchObject([{ user_id: 'n4' }, { user_id: 'n5' }]);
    expect(await list(place, { page: 3 })).toEqual({ participants: [], hasMore: false, nextCursor: null });
    expect((await list(place, { limit: 1 })).participants).toEqual([
      {
        user_id: 'n1',
        role: 'participant',
        is_muted: false,
        joined_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
        last_read_seq: 0,
        last_read_at: null,
        last_delivered_seq: 0,
        user: { id: 'n1', username: 'n1', display_name: 'N1', avatar_url: null, status: 'offline', last_seen: null },
      },
    ]);
  });

  it('is for those who are in it', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await codeOf(list([id, carol]))).toBe('not_a_participant');
    expect(await codeOf(list(['999999' as ConversationId, alice]))).toBe('conversation_not_found');
    expect(await codeOf(list([id, alice], { cursor: 'garbage' }))).toBe('validation_failed');
    await leave([id, bob]);
    expect(await codeOf(list([id, bob]))).toBe('not_a_participant');
  });
});
