import {
  type ConversationId,
  DeleteMessage,
  ListConversations,
  ListPublicConversations,
  MarkReceived,
  type MessageId,
  type PublicConversation,
  RemoveParticipant,
  type RequestOf,
  UpdateConversation,
  type UserId,
  type ViewedConversation,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let bob: UserId;
let count = 0;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  scene = new Scene(process);
  bob = await scene.user('bob');
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

/** A user who is in nothing yet. */
const newUser = () => scene.user(`user${count++}`);
const list = async (userId: UserId, filter: Partial<RequestOf<typeof ListConversations>> = {}) =>
  (await process.rpc.call(ListConversations, { userId, limit: 50, page: 1, ...filter })).conversations;
const idsOf = (conversations: readonly { readonly id: ConversationId }[]) => conversations.map(({ id }) => id);
const only = async (userId: UserId) => (await list(userId))[0] as ViewedConversation;
const update = (userId: UserId, conversationId: ConversationId, changes: object) =>
  process.rpc.call(UpdateConversation, { userId, conversationId, changes });

describe('what is unread', () => {
  it('is above the cursor, others’, and not deleted', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    const sent: MessageId[] = [];
    for (let n = 0; n < 5; n++) sent.push((await scene.send({ conversationId: id, senderId: bob })).message.id);
    expect(await only(me)).toMatchObject({ unread_count: 5, last_read_seq: 0 });
    await process.rpc.call(DeleteMessage, { userId: bob, messageId: sent[3] as MessageId });
    expect(await only(me)).toMatchObject({ unread_count: 4 });
    const upTo = { by: 'seq', conversationId: id, seq: 2 } as const;
    await process.rpc.call(MarkReceived, { userId: me, kind: 'read', upTo });
    expect(await only(me)).toMatchObject({ unread_count: 2, last_read_seq: 2 });
    await process.rpc.call(DeleteMessage, { userId: bob, messageId: sent[0] as MessageId });
    expect(await only(me)).toMatchObject({ unread_count: 2 });
    expect(await only(bob)).toMatchObject({ unread_count: 0 });
  });

  it('is not what the schedule sent for oneself, which leaves the cursor where it was', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await scene.send({ conversationId: id, senderId: bob });
    for (const senderId of [me, bob, me]) await scene.send({ conversationId: id, senderId });
    await database.query('UPDATE messages SET is_scheduled = seq <> 1 WHERE conversation_id = $1', [id]);
    await database.query('UPDATE participants SET last_read_seq = 0 WHERE conversation_id = $1', [id]);
    expect(await only(me)).toMatchObject({ unread_count: 2, last_seq: 4 });
    await database.query('UPDATE messages SET deleted_at = now() WHERE conversation_id = $1 AND seq <= 2', [id]);
    expect(await only(me)).toMatchObject({ unread_count: 1 });
  });

  it('mentions one by name or with everybody, each message once', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    const send = (content: string, senderId = bob) => scene.send({ conversationId: id, senderId, content });
    await send(`@${me} read this`);
    await send('nothing for anybody');
    const both = await send(`@all and @${me}`);
    await send('@bob');
    expect(await only(me)).toMatchObject({ unread_count: 4, mention_count: 2 });
    await process.rpc.call(DeleteMessage, { userId: bob, messageId: both.message.id });
    expect(await only(me)).toMatchObject({ unread_count: 3, mention_count: 1 });
    const upTo = { by: 'seq', conversationId: id, seq: 1 } as const;
    await process.rpc.call(MarkReceived, { userId: me, kind: 'read', upTo });
    expect(await only(me)).toMatchObject({ unread_count: 2, mention_count: 0 });
  });

  it('does not count one’s own mention of everybody', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await scene.send({ conversationId: id, senderId: me, content: '@all' });
    await database.query('UPDATE messages SET is_scheduled = true WHERE conversation_id = $1', [id]);
    await database.query('UPDATE participants SET last_read_seq = 0 WHERE conversation_id = $1', [id]);
    expect(await only(me)).toMatchObject({ unread_count: 0, mention_count: 0 });
    expect(await only(bob)).toMatchObject({ id, unread_count: 1, mention_count: 1 });
  });
});

it('shows a tombstone where the last message is deleted', async () => {
  const me = await newUser();
  const { id } = await scene.conversation([bob, me]);
  const { message } = await scene.send({ conversationId: id, senderId: bob, content: 'secret' });
  await process.rpc.call(DeleteMessage, { userId: bob, messageId: message.id });
  expect((await only(me)).last_message).toEqual({
    id: message.id,
    seq: 1,
    sender_id: bob,
    sender_name: 'BOB',
    content: '',
    message_type: 'text',
    created_at: message.created_at,
    is_deleted: true,
  });
});

describe('filters', () => {
  it('show what is archived, what is not, or both', async () => {
    const me = await newUser();
    const [one, two] = [await scene.conversation([me, bob]), await scene.conversation([me, bob])];
    await update(me, one.id, { is_archived: true });
    expect(idsOf(await list(me))).toEqual([two.id, one.id]);
    expect(idsOf(await list(me, { archived: true }))).toEqual([one.id]);
    expect(idsOf(await list(me, { archived: false }))).toEqual([two.id]);
  });

  it('show what has unread messages, not what has only uncounted ones', async () => {
    const me = await newUser();
    const [quiet, unread, deleted] = [
      await scene.conversation([me, bob]),
      await scene.conversation([me, bob]),
      await scene.conversation([me, bob], 'channel'),
    ];
    await scene.send({ conversationId: quiet.id, senderId: me });
    await scene.send({ conversationId: unread.id, senderId: bob });
    const { message } = await scene.send({ conversationId: deleted.id, senderId: bob });
    expect(idsOf(await list(me, { unreadOnly: true }))).toEqual([deleted.id, unread.id]);
    expect(idsOf(await list(me, { unreadOnly: true, type: 'group' }))).toEqual([unread.id]);
    await process.rpc.call(DeleteMessage, { userId: bob, messageId: message.id });
    expect(idsOf(await list(me, { unreadOnly: true }))).toEqual([unread.id]);
    expect(idsOf(await list(me, { unreadOnly: false }))).toHaveLength(3);
  });

  it('page through what they show', async () => {
    const me = await newUser();
    const made: ConversationId[] = [];
    for (let n = 0; n < 5; n++) {
      const { id } = await scene.conversation([me, bob]);
      await update(me, id, { title: n % 2 === 0 ? `Even ${n}` : `Odd ${n}` });
      made.unshift(id);
    }
    const filter = { userId: me, limit: 2, page: 1, q: 'EVEN' };
    const first = await process.rpc.call(ListConversations, filter);
    expect(first).toMatchObject({ hasMore: true, conversations: [{ id: made[0] }, { id: made[2] }] });
    const cursor = first.nextCursor ?? '';
    const rest = await process.rpc.call(ListConversations, { ...filter, cursor });
    expect(rest).toMatchObject({ hasMore: false, nextCursor: null, conversations: [{ id: made[4] }] });
  });
});

describe('searching', () => {
  let me: UserId;
  let titled: ConversationId;
  let direct: ConversationId;
  let large: ConversationId;
  const found = async (q: string) => idsOf(await list(me, { q }));

  beforeAll(async () => {
    me = await scene.user('searcher');
    const zoe = await scene.user('zoë');
    titled = (await scene.conversation([me, bob])).id;
    await update(me, titled, { title: '100% Übung_A\\B' });
    direct = (await scene.conversation([me, zoe], 'direct')).id;
    await database.query(`UPDATE users SET display_name = 'Frau Müller', username = 'zm_17' WHERE id = 'zoë'`);
    const crowd = await scene.users(...Array.from({ length: 100 }, (_, n) => `crowd${n}`));
    large = (await scene.conversation([me, ...crowd])).id;
  });

  it.each(['übung', '100%', '_a\\', 'B', '100% Übung_A\\B'])('finds a title by %j', async (q) => {
    expect(await found(q)).toContain(titled);
  });

  it.each(['müller', 'FRAU M', 'zm_', 'ZM_17'])('finds a participant by %j', async (q) => {
    expect(await found(q)).toEqual([direct]);
  });

  it.each(['searcher', '0%_', '%%', 'nobody', 'B_', '\\\\'])('finds nothing by %j', async (q) => {
    expect(await found(q)).toEqual([]);
  });

  it('forgets who left, and looks at the title alone where many are', async () => {
    expect(await found('crowd7')).toEqual([]);
    await process.rpc.call(RemoveParticipant, {
      userId: me,
      conversationId: large,
      participantId: 'crowd99' as UserId,
    });
    expect(await found('crowd7')).toEqual([large]);
    expect(await found('crowd99')).toHaveLength(0);
  });

  it('searches for nothing by an empty text', async () => {
    expect(await found('')).toHaveLength(3);
  });

  it('refuses what cannot be in a name', async () => {
    await expect(found('\0')).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

describe('what is public', () => {
  const made: ConversationId[] = [];
  let me: UserId;
  const page = (fields: Partial<RequestOf<typeof ListPublicConversations>> = {}, userId = me) =>
    process.rpc.call(ListPublicConversations, { userId, limit: 2, page: 1, ...fields });

  beforeAll(async () => {
    me = await newUser();
    for (const type of ['channel', 'group', 'channel', 'channel'] as const) {
      const { id } = await scene.conversation([bob], type);
      await update(bob, id, { visibility: 'public', title: `The ${type} 5% ${made.length}` });
      made.unshift(id);
    }
    await scene.conversation([bob], 'channel');
    const ended = await scene.conversation([bob], 'channel');
    await update(bob, ended.id, { visibility: 'public' });
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [ended.id]);
  });

  it('is shown to everybody, newest first, by cursor and by page', async () => {
    const seen: PublicConversation[] = [];
    let cursor: string | null | undefined;
    do {
      const answer: Awaited<ReturnType<typeof page>> = await page(cursor ? { cursor } : {});
      seen.push(...answer.conversations);
      cursor = answer.nextCursor;
      expect(answer.hasMore).toBe(cursor !== null);
    } while (cursor !== null);
    expect(idsOf(seen)).toEqual(made);
    expect(idsOf((await page({ page: 2 })).conversations)).toEqual(made.slice(2));
    expect(seen[0]).toEqual({
      id: made[0],
      type: 'channel',
      title: 'The channel 5% 3',
      description: null,
      avatar_url: null,
      visibility: 'public',
      posting: 'everyone',
      metadata: {},
      created_by: bob,
      created_at: expect.any(String) as string,
      updated_at: expect.any(String) as string,
      last_message_at: expect.any(String) as string,
      participant_count: 1,
      is_participant: false,
    });
  });

  it('tells whether the user is in it', async () => {
    const { conversations } = await page({ limit: 50 }, bob);
    expect(conversations.map(({ is_participant }) => is_participant)).toEqual(made.map(() => true));
  });

  it('is found by a part of its title', async () => {
    expect(idsOf((await page({ q: 'GROUP 5%' })).conversations)).toEqual([made[2]]);
    expect(idsOf((await page({ q: 'group_5' })).conversations)).toEqual([]);
    expect(await page({ q: 'channel' })).toMatchObject({ hasMore: true, conversations: { length: 2 } });
  });

  it('refuses a cursor that it did not give', async () => {
    await expect(page({ cursor: 'garbage' })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
