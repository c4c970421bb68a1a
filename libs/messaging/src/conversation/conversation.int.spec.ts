import { EventBus } from '@parley/bus';
import {
  type ConversationId,
  ConversationJoined,
  type ConversationType,
  CreateConversation,
  DescribeConversation,
  GetConversation,
  ListConversations,
  ListMemberships,
  type PayloadOf,
  ReadHeads,
  RemoveParticipant,
  subjectOf,
  type UserId,
  type ViewedConversation,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(30_000);

let database: TestDatabase;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;

beforeAll(async () => {
  database = await testDatabase();
  here = await startMessaging(database.url);
  there = await startMessaging(database.url);
  scene = new Scene(here);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

const create = (creatorId: UserId, type: ConversationType, participant_ids: UserId[], process = here) =>
  process.rpc.call(CreateConversation, { creatorId, conversation: { type, participant_ids, title: 'Title' } });
const get = async (userId: UserId, conversationId: ConversationId) =>
  (await here.rpc.call(GetConversation, { userId, conversationId })).conversation;

describe('creating', () => {
  it('opens a group as its creator sees it', async () => {
    const { conversation, created } = await here.rpc.call(CreateConversation, {
      creatorId: alice,
      conversation: {
        type: 'group',
        participant_ids: [bob],
        title: 'Study',
        description: 'of PostgreSQL',
        avatar_url: 'https://example.com/a.png',
        visibility: 'public',
        posting: 'moderators',
        metadata: { colour: 'red' },
      },
    });
    expect(created).toBe(true);
    const person = (user_id: UserId, role: string) => ({
      user_id,
      role,
      is_muted: false,
      joined_at: conversation.created_at,
      last_read_seq: 0,
      last_read_at: null,
      last_delivered_seq: 0,
      user: {
        id: user_id,
        username: user_id,
        display_name: user_id.toUpperCase(),
        avatar_url: null,
        status: 'offline',
        last_seen: null,
      },
    });
    expect(conversation).toEqual({
      id: expect.stringMatching(/^\d+$/) as ConversationId,
      type: 'group',
      title: 'Study',
      description: 'of PostgreSQL',
      avatar_url: 'https://example.com/a.png',
      visibility: 'public',
      posting: 'moderators',
      metadata: { colour: 'red' },
      created_by: alice,
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
      updated_at: conversation.created_at,
      last_message_at: conversation.created_at,
      last_message: null,
      last_seq: 0,
      rev: 1,
      participant_count: 2,
      participants: [person(alice, 'admin'), person(bob, 'participant')],
      is_deleted: false,
      is_archived: false,
      is_muted: false,
      my_role: 'admin',
      notifications: 'all',
      last_read_seq: 0,
      unread_count: 0,
      mention_count: 0,
    });
  });

  it('makes one direct conversation of two users, whoever asks, however many at once, in whatever process', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0 ? create(alice, 'direct', [bob], here) : create(bob, 'direct', [bob, alice], there),
      ),
    );
    expect(new Set(answers.map(({ conversation }) => conversation.id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    const later = await create(alice, 'direct', [bob]);
    expect(later).toMatchObject({ created: false, conversation: { id: answers[0]?.conversation.id, title: 'Title' } });
    expect(later.conversation.participants.map(({ role }) => role)).toEqual(['participant', 'participant']);
  });

  it('names the users that do not exist, and creates nothing', async () => {
    const before = await database.query('SELECT FROM conversations');
    const asking = create(alice, 'group', [bob, 'ghost' as UserId]);
    await expect(asking).rejects.toMatchObject({
      code: 'unknown_users',
      issues: [{ path: 'participant_ids.1', message: 'there is no user ghost' }],
    });
    expect(await database.query('SELECT FROM conversations')).toHaveLength(before.length);
  });

  it('names them by their places, however often, and whoever else is named', async () => {
    const named = ['ghost', bob, alice, 'ghost', 'nobody'] as UserId[];
    await expect(create(alice, 'channel', named)).rejects.toMatchObject({
      code: 'unknown_users',
      issues: [{ path: 'participant_ids.0' }, { path: 'participant_ids.3' }, { path: 'participant_ids.4' }],
    });
    await expect(create(alice, 'direct', ['ghost' as UserId])).rejects.toMatchObject({ code: 'unknown_users' });
  });

  it('refuses a direct conversation with oneself', async () => {
    await expect(create(alice, 'direct', [alice])).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('tells every participant that it is in, once, and keeps nothing in the outbox', async () => {
    const heard: [string, PayloadOf<typeof ConversationJoined>][] = [];
    const subscription = await here.get(EventBus).subscribe('chat.user.>', {
      accepts: () => true,
      receive: (event) => heard.push([event.subject, event.parse(ConversationJoined)]),
    });
    const { conversation } = await create(alice, 'group', [bob, carol]);
    while ((await database.query('SELECT FROM outbox')).length > 0);
    await subscription.close();
    expect(heard).toEqual(
      [alice, bob, carol].map((userId) => [
        subjectOf(ConversationJoined, userId),
        { v: 1, userId, conversationId: conversation.id, seq: 0, rev: 1 },
      ]),
    );
  });
});

describe('reading one', () => {
  it('shows each participant its own unread messages and the last message', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await scene.send({ conversationId: id, senderId: alice, content: 'a'.repeat(300) });
    await scene.send({ conversationId: id, senderId: bob, content: '👋'.repeat(300) });
    const { message } = await scene.send({ conversationId: id, senderId: bob, content: '👋'.repeat(300) });
    expect(await get(alice, id)).toMatchObject({ unread_count: 2, last_read_seq: 1, last_seq: 3, rev: 4 });
    expect(await get(bob, id)).toMatchObject({ unread_count: 0, last_read_seq: 3, my_role: 'participant' });
    expect((await get(alice, id)).last_message).toEqual({
      id: message.id,
      seq: 3,
      sender_id: bob,
      sender_name: 'BOB',
      content: '👋'.repeat(200),
      message_type: 'text',
      created_at: message.created_at,
      is_deleted: false,
    });
    expect((await get(alice, id)).last_message_at).toBe(message.created_at);
  });

  it('tells a stranger that it is none of theirs, and everybody that there is none', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await expect(get(carol, id)).rejects.toMatchObject({ code: 'not_a_participant' });
    await expect(get(carol, '999999' as ConversationId)).rejects.toMatchObject({ code: 'conversation_not_found' });
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [id]);
    await expect(get(alice, id)).rejects.toMatchObject({ code: 'conversation_not_found' });
  });

  it('describes it without a viewer', async () => {
    const viewed = await scene.conversation([alice, bob]);
    const { conversation } = await here.rpc.call(DescribeConversation, { conversationId: viewed.id });
    const { is_archived, is_muted, my_role, notifications, last_read_seq, unread_count, mention_count, ...everybodys } =
      viewed;
    expect(conversation).toEqual(everybodys);
    expect([is_archived, is_muted, my_role, notifications]).toEqual([false, false, 'admin', 'all']);
    expect([last_read_seq, unread_count, mention_count]).toEqual([0, 0, 0]);
    const none = here.rpc.call(DescribeConversation, { conversationId: '999999' as ConversationId });
    await expect(none).rejects.toMatchObject({ code: 'conversation_not_found' });
  });

  it('leaves out participants who left, and shows a hundred at most', async () => {
    const members = await scene.users(...Array.from({ length: 120 }, (_, i) => `m${String(i).padStart(3, '0')}`));
    const { id } = await scene.conversation([alice, ...members]);
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'm000'`, [
      id,
    ]);
    const shown = (await get(alice, id)).participants.map(({ user_id }) => user_id);
    expect(shown).toEqual([alice, ...members.slice(1, 100)]);
  });

  it('tells where conversations stand, without those that are gone', async () => {
    const [one, gone] = await Promise.all([scene.conversation([alice]), scene.conversation([alice])]);
    await scene.send({ conversationId: one.id });
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [gone.id]);
    const conversationIds = [one.id, gone.id, '999999' as ConversationId];
    expect(await here.rpc.call(ReadHeads, { conversationIds })).toEqual({ heads: { [one.id]: { seq: 1, rev: 2 } } });
  });

  it('tells it to a user of the own ones alone', async () => {
    const [own, left, others] = [
      await scene.conversation([alice, bob]),
      await scene.conversation([alice, bob]),
      await scene.conversation([alice]),
    ];
    await here.rpc.call(RemoveParticipant, { userId: bob, conversationId: left.id, participantId: bob });
    const conversationIds = [own.id, left.id, others.id];
    const { heads } = await here.rpc.call(ReadHeads, { conversationIds, userId: bob });
    expect(heads).toEqual({ [own.id]: { seq: 0, rev: 1 } });
  });
});

describe('listing mine', () => {
  let dora: UserId;
  let mine: ViewedConversation[];
  const list = (fields: { limit?: number; page?: number; cursor?: string; type?: ConversationType }) =>
    here.rpc.call(ListConversations, { userId: dora, limit: 3, page: 1, ...fields });
  const ids = (conversations: readonly ViewedConversation[]) => conversations.map(({ id }) => id);

  beforeAll(async () => {
    dora = await scene.user('dora');
    const types = ['group', 'channel', 'group', 'group', 'group', 'group', 'group'] as const;
    mine = [];
    for (const type of types) mine.push(await scene.conversation([dora, bob], type));
    // All at the same moment, so that the id has to decide; then one moves to the top.
    await database.query(
      'UPDATE conversations SET last_message_at = created_by_dora.at FROM (SELECT max(last_message_at) AS at FROM conversations) created_by_dora WHERE created_by = $1',
      [dora],
    );
    await scene.send({ conversationId: mine[1]?.id as ConversationId, senderId: bob, content: 'news' });
    const [left, deleted] = [await scene.conversation([bob, dora]), await scene.conversation([bob, dora])];
    await database.query('UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
      left.id,
      dora,
    ]);
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [deleted.id]);
  });
  const expected = () => [1, 6, 5, 4, 3, 2, 0].map((i) => mine[i]?.id);

  it('goes through all of them by cursor, newest activity first, each once', async () => {
    const seen: ConversationId[] = [];
    let cursor: string | null = null;
    do {
      const page: { conversations: ViewedConversation[]; hasMore: boolean; nextCursor: string | null } = await list(
        cursor === null ? {} : { cursor },
      );
      seen.push(...ids(page.conversations));
      cursor = page.nextCursor;
      expect(page.hasMore).toBe(cursor !== null);
    } while (cursor !== null);
    expect(seen).toEqual(expected());
  });

  it('goes through all of them by page', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => list({ page })));
    expect(pages.flatMap(({ conversations }) => ids(conversations))).toEqual(expected());
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false, false]);
  });

  it('shows of each what its reader sees', async () => {
    const [first] = (await list({})).conversations;
    expect(first).toMatchObject({
      unread_count: 1,
      my_role: 'admin',
      last_message: { content: 'news', sender_name: 'BOB' },
      participant_count: 2,
    });
    expect(first?.participants.map(({ user_id }) => user_id)).toEqual([bob, dora]);
  });

  it('shows ten participants of each at most', async () => {
    const members = await scene.users(...Array.from({ length: 12 }, (_, i) => `n${String(i).padStart(2, '0')}`));
    const { id } = await scene.conversation([carol, ...members]);
    const { conversations } = await here.rpc.call(ListConversations, { userId: carol, limit: 1, page: 1 });
    expect(conversations[0]).toMatchObject({ id, participant_count: 13 });
    expect(conversations[0]?.participants).toHaveLength(10);
  });

  it('shows those of one type', async () => {
    expect(ids((await list({ type: 'channel' })).conversations)).toEqual([mine[1]?.id]);
  });

  it('refuses a cursor that it did not give', async () => {
    await expect(list({ cursor: 'garbage' })).rejects.toMatchObject({
      code: 'validation_failed',
      issues: [{ path: 'cursor' }],
    });
  });

  it('tells a gateway the memberships, in id order and page by page', async () => {
    const all = await here.rpc.call(ListMemberships, { userId: dora });
    expect(all).toEqual({ conversationIds: ids(mine), hasMore: false });
    const after = await here.rpc.call(ListMemberships, { userId: dora, after: ids(mine)[4] });
    expect(after.conversationIds).toEqual(ids(mine).slice(5));
  });
});
