import {
  AddReaction,
  type ConversationId,
  type ConversationType,
  DeleteMessage,
  EditMessage,
  FilesReleased,
  GetMessage,
  MessageDeleted,
  type MessageId,
  type MessageView,
  PinMessage,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
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

const remove = async (messageId: MessageId, userId = bob) =>
  (await process.rpc.call(DeleteMessage, { userId, messageId })).message;
const view = async (messageId: MessageId) => (await process.rpc.call(GetMessage, { userId: bob, messageId })).message;
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

/** A message of Bob's, in a conversation that Alice opened. */
async function aMessage(
  fields: object = {},
  type: ConversationType = 'group',
): Promise<{ id: ConversationId; message: MessageView }> {
  const { id } = await scene.conversation(type === 'direct' ? [alice, bob] : [alice, bob, carol], type);
  const { message } = await scene.send({ conversationId: id, senderId: bob, content: 'secret', ...fields });
  return { id, message };
}
const age = (messageId: MessageId, seconds: number) =>
  database.query(`UPDATE messages SET created_at = created_at - make_interval(secs => $2) WHERE id = $1`, [
    messageId,
    seconds,
  ]);

describe('a deletion', () => {
  it('leaves a tombstone under the next rev, and announces it', async () => {
    const { id, message } = await aMessage({ metadata: { a: 1 } });
    const tombstone = await remove(message.id);
    expect(tombstone).toMatchObject({
      id: message.id,
      seq: message.seq,
      rev: message.rev + 1,
      sender_id: bob,
      content: '',
      metadata: {},
      attachments: [],
      reactions: {},
      mentions: [],
      is_deleted: true,
      pinned_at: null,
      created_at: message.created_at,
      updated_at: tombstone.deleted_at,
    });
    await bus.heard(id, tombstone.rev);
    expect(bus.of(MessageDeleted, id)).toEqual([
      { v: 1, conversationId: id, rev: tombstone.rev, messageId: message.id, seq: message.seq },
    ]);
  });

  it('forgets what the message said before, who reacted, who was mentioned, and that it was pinned', async () => {
    const { id, message } = await aMessage({ content: '@alice secret', mentions: [carol] });
    const messageId = message.id;
    await process.rpc.call(EditMessage, {
      userId: bob,
      messageId,
      content: '@alice @carol more secret',
      metadata: null,
    });
    await process.rpc.call(AddReaction, { userId: carol, messageId, emoji: '👍' });
    await process.rpc.call(PinMessage, { userId: alice, messageId });
    await remove(messageId, alice);
    const [row] = await database.query(
      `SELECT m.content, m.metadata, m.mentions, m.pinned_at,
         (SELECT count(*)::int4 FROM edits e WHERE e.conversation_id = m.conversation_id) AS edits,
         (SELECT count(*)::int4 FROM reactions r WHERE r.conversation_id = m.conversation_id) AS reactions,
         (SELECT count(*)::int4 FROM mentions n WHERE n.conversation_id = m.conversation_id) AS mentions_kept
       FROM messages m WHERE m.id = $1`,
      [messageId],
    );
    expect(row).toEqual({
      content: '',
      metadata: {},
      mentions: null,
      pinned_at: null,
      edits: 0,
      reactions: 0,
      mentions_kept: 0,
    });
    expect(bus.revsOf(id)).not.toContain(message.rev + 5);
  });

  it('of what is deleted answers the tombstone, without a rev and without a word to anybody', async () => {
    const { id, message } = await aMessage();
    const tombstone = await remove(message.id);
    await age(message.id, 100_000);
    expect(await remove(message.id)).toMatchObject({ rev: tombstone.rev, deleted_at: tombstone.deleted_at });
    expect(await remove(message.id, alice)).toMatchObject({ rev: tombstone.rev });
    const next = await scene.send({ conversationId: id });
    expect(next.message.rev).toBe(tombstone.rev + 1);
    await bus.heard(id, next.message.rev);
    expect(bus.of(MessageDeleted, id)).toHaveLength(1);
  });

  it('announces which files are let go, with the deletion', async () => {
    const { id, message } = await aMessage();
    const fileId = '00000000-0000-4000-8000-000000000001';
    await database.query(
      `INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view) VALUES ($1, $2, $3, 0, 'file', '{}')`,
      [fileId, id, message.seq],
    );
    const { rev } = await remove(message.id);
    await bus.heard(id, rev);
    expect(bus.of(FilesReleased, id)).toEqual([{ v: 1, conversationId: id, fileIds: [fileId] }]);
  });

  it('is quoted as nothing by the replies to it', async () => {
    const { id, message } = await aMessage();
    const { message: reply } = await scene.send({ conversationId: id, replyToId: message.id });
    expect(reply.reply_to_content).toBe('secret');
    await remove(message.id);
    expect((await view(reply.id)).reply_to_content).toBe('');
  });
});

describe('a thread', () => {
  const reply = async (id: ConversationId, root: MessageView, senderId: UserId) =>
    (await scene.send({ conversationId: id, threadRootId: root.id, senderId })).message;

  it('is one reply shorter without a reply, and the root changes with it', async () => {
    const { id, message: root } = await aMessage();
    const first = await reply(id, root, bob);
    const second = await reply(id, root, carol);
    const third = await reply(id, root, bob);
    expect(await remove(third.id)).toMatchObject({ rev: third.rev + 1, is_deleted: true });
    expect(await view(root.id)).toMatchObject({
      rev: third.rev + 1,
      thread: { reply_count: 2, last_reply_at: second.created_at, participant_ids: [bob, carol] },
    });
    await remove(first.id);
    expect((await view(root.id)).thread).toEqual({
      reply_count: 1,
      last_reply_at: second.created_at,
      participant_ids: [carol],
    });
    await remove(first.id);
    expect(await view(root.id)).toMatchObject({ rev: third.rev + 2, thread: { reply_count: 1 } });
    await remove(second.id, alice);
    expect((await view(root.id)).thread).toBeNull();
  });

  it('stays with a root that is deleted, and still tells of its replies', async () => {
    const { id, message: root } = await aMessage();
    const first = await reply(id, root, carol);
    const second = await reply(id, root, alice);
    expect(await remove(root.id)).toMatchObject({
      content: '',
      rev: second.rev + 1,
      thread: { reply_count: 2, participant_ids: [carol, alice] },
    });
    await remove(second.id, alice);
    expect(await view(root.id)).toMatchObject({
      rev: second.rev + 2,
      is_deleted: true,
      thread: { reply_count: 1, last_reply_at: first.created_at, participant_ids: [carol] },
    });
  });
});

describe('who may delete', () => {
  it('is the sender within the window, also when muted', async () => {
    const { id, message } = await aMessage();
    await database.query(`UPDATE participants SET is_muted = true WHERE conversation_id = $1`, [id]);
    expect(await remove(message.id)).toMatchObject({ is_deleted: true });
  });

  it('is not the sender after the window, but a moderator and an admin of any message', async () => {
    const { id, message } = await aMessage();
    await age(message.id, 3_601);
    expect(await codeOf(remove(message.id))).toBe('delete_window_over');
    expect(await codeOf(remove(message.id, carol))).toBe('insufficient_role');
    await database.query(
      `UPDATE participants SET role = 'moderator' WHERE conversation_id = $1 AND user_id = 'carol'`,
      [id],
    );
    expect(await remove(message.id, carol)).toMatchObject({ is_deleted: true });
    const { message: ofAdmin } = await scene.send({ conversationId: id, senderId: alice });
    await age(ofAdmin.id, 3_601);
    expect(await remove(ofAdmin.id, alice)).toMatchObject({ is_deleted: true });
  });

  it('in a direct conversation is the sender alone', async () => {
    const { message } = await aMessage({}, 'direct');
    expect(await codeOf(remove(message.id, alice))).toBe('not_the_sender');
    await age(message.id, 3_601);
    expect(await codeOf(remove(message.id))).toBe('delete_window_over');
  });

  it('is nobody from outside', async () => {
    const { id, message } = await aMessage();
    const dave = await scene.user('dave');
    expect(await codeOf(remove(message.id, dave))).toBe('not_a_participant');
    expect(await codeOf(remove('999999999' as MessageId))).toBe('message_not_found');
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`, [
      id,
    ]);
    expect(await codeOf(remove(message.id))).toBe('not_a_participant');
    await database.query(`UPDATE conversations SET deleted_at = now() WHERE id = $1`, [id]);
    expect(await codeOf(remove(message.id, alice))).toBe('message_not_found');
  });
});
