import {
  type ConversationId,
  ConversationDeleted,
  ConversationUpdated,
  DeleteConversation,
  DescribeConversation,
  GetConversation,
  ListMessages,
  UpdateConversation,
  type UpdateConversationBody,
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

beforeAll(async () => {
  database = await testDatabase();
  bus = new RecordingEventBus();
  process = await startMessaging(database.url, bus);
  scene = new Scene(process);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

const update = async (userId: UserId, conversationId: ConversationId, changes: UpdateConversationBody) =>
  (await process.rpc.call(UpdateConversation, { userId, conversationId, changes })).conversation;
const remove = (userId: UserId, conversationId: ConversationId) =>
  process.rpc.call(DeleteConversation, { userId, conversationId });
const get = async (userId: UserId, conversationId: ConversationId) =>
  (await process.rpc.call(GetConversation, { userId, conversationId })).conversation;

describe('settings', () => {
  it('change together under one rev, and everybody hears how they are now', async () => {
    const before = await scene.conversation([alice, bob]);
    const changes = {
      title: 'Other',
      description: 'About this',
      avatar_url: 'https://example.com/b.png',
      visibility: 'public',
      posting: 'moderators',
      metadata: { nested: { list: [1, 'two', null] } },
    } as const;
    const after = await update(alice, before.id, changes);
    expect(after).toEqual({ ...before, ...changes, rev: 2, updated_at: after.updated_at });
    expect(after.updated_at > before.updated_at).toBe(true);
    expect(await get(alice, before.id)).toEqual(after);
    await bus.heard(before.id, 2);
    const { conversation } = await process.rpc.call(DescribeConversation, { conversationId: before.id });
    expect(bus.of(ConversationUpdated, before.id)).toEqual([{ v: 1, conversationId: before.id, rev: 2, conversation }]);
  });

  it('are taken away by null, replaced as a whole, and else stay', async () => {
    const { id } = await scene.conversation([alice]);
    await update(alice, id, { title: 'Title', description: 'Text', metadata: { a: 1, b: 2 } });
    expect(await update(alice, id, { description: null, metadata: { c: 3 } })).toMatchObject({
      title: 'Title',
      description: null,
      metadata: { c: 3 },
      rev: 3,
    });
    expect(await update(alice, id, { title: '' })).toMatchObject({ title: '', rev: 4 });
  });

  it('that are so already change nothing, and nobody hears of it', async () => {
    const { id, updated_at } = await scene.conversation([alice, bob]);
    const same = await update(alice, id, { title: 'Test', visibility: 'private', metadata: {}, description: null });
    expect(same).toMatchObject({ rev: 1, updated_at });
    await update(alice, id, { title: 'Other' });
    await bus.heard(id, 2);
    expect(bus.revsOf(id)).toEqual([2]);
  });

  it('are for moderators too, and for no participant, whom the archive is left to', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    await process.rpc.call(UpdateParticipant, {
      userId: alice,
      conversationId: id,
      participantId: bob,
      role: 'moderator',
    });
    expect(await update(bob, id, { title: 'By Bob' })).toMatchObject({ title: 'By Bob' });
    expect(await codeOf(update(carol, id, { title: 'By Carol', is_archived: true }))).toBe('insufficient_role');
    expect(await get(carol, id)).toMatchObject({ title: 'By Bob', is_archived: false });
    expect(await update(carol, id, { is_archived: true, title: undefined })).toMatchObject({ is_archived: true });
  });

  it('belong to no direct conversation', async () => {
    const { id } = await scene.conversation([alice, bob], 'direct');
    expect(await codeOf(update(alice, id, { title: 'Us' }))).toBe('not_for_direct');
    expect(await codeOf(update(alice, id, { metadata: {} }))).toBe('not_for_direct');
    expect(await codeOf(update(alice, id, { title: null }))).toBe('not_for_direct');
    expect(await update(alice, id, { is_archived: true })).toMatchObject({ is_archived: true, rev: 1 });
  });

  it('are kept from strangers and from those who left', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await database.query('UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
      id,
      bob,
    ]);
    expect(await codeOf(update(bob, id, { is_archived: true }))).toBe('not_a_participant');
    expect(await codeOf(update(carol, id, { title: 'x' }))).toBe('not_a_participant');
    expect(await codeOf(update(alice, '999999' as ConversationId, {}))).toBe('conversation_not_found');
  });
});

it('archives for the user alone, without a rev, and announces nothing', async () => {
  const { id } = await scene.conversation([alice, bob]);
  expect(await update(alice, id, { is_archived: true })).toMatchObject({ is_archived: true, rev: 1 });
  expect(await update(alice, id, { is_archived: true })).toMatchObject({ is_archived: true, rev: 1 });
  expect(await get(bob, id)).toMatchObject({ is_archived: false });
  expect(await update(alice, id, { is_archived: false, title: 'Back' })).toMatchObject({
    is_archived: false,
    title: 'Back',
    rev: 2,
  });
  await bus.heard(id, 2);
  expect(bus.revsOf(id)).toEqual([2]);
});

describe('the end of a group', () => {
  it('is an admin’s, announced once, and final for everybody', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await scene.send({ conversationId: id, senderId: bob });
    await process.rpc.call(UpdateParticipant, {
      userId: alice,
      conversationId: id,
      participantId: bob,
      role: 'moderator',
    });
    expect(await codeOf(remove(bob, id))).toBe('insufficient_role');
    expect(await codeOf(remove(carol, id))).toBe('not_a_participant');
    await remove(alice, id);
    await bus.heard(id, 4);
    expect(bus.of(ConversationDeleted, id)).toEqual([{ v: 1, conversationId: id, rev: 4 }]);
    const position = { at: 'page', page: 1 } as const;
    for (const userId of [alice, bob, carol]) {
      const asking = [
        get(userId, id),
        update(userId, id, { is_archived: true }),
        remove(userId, id),
        scene.send({ conversationId: id, senderId: userId }),
        process.rpc.call(ListMessages, { userId, conversationId: id, position, limit: 10, threadRootId: null }),
      ];
      expect(await Promise.all(asking.map(codeOf))).toEqual(asking.map(() => 'conversation_not_found'));
    }
    expect(bus.revsOf(id)).toEqual([2, 3, 4]);
  });

  it('lets no message slip in behind it', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const sending = Array.from({ length: 50 }, () => codeOf(scene.send({ conversationId: id, senderId: bob })));
    const ending = remove(alice, id);
    const codes = await Promise.all(sending);
    await ending;
    const sent = codes.filter((code) => code === 'no error').length;
    expect(codes.slice(sent)).toEqual(Array.from({ length: 50 - sent }, () => 'conversation_not_found'));
    await bus.heard(id, sent + 2);
    expect(bus.of(ConversationDeleted, id)).toMatchObject([{ rev: sent + 2 }]);
    expect(await database.query('SELECT FROM messages WHERE conversation_id = $1', [id])).toHaveLength(sent);
  });
});
