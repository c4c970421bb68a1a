import {
  AddParticipants,
  AddReaction,
  type ConversationId,
  DeleteMessage,
  EditMessage,
  GetMessage,
  ListMessages,
  type MessageId,
  type UserId,
  type ViewedMessage,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { FakeMedia } from '../media.fake';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
import { MessageReader } from './message.reader';

jest.setTimeout(30_000);

let database: TestDatabase;
let others: Database;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;

beforeAll(async () => {
  database = await testDatabase();
  others = Database.connect({ url: database.url });
  process = await startMessaging(database.url, undefined, { controllers: [FakeMedia] });
  scene = new Scene(process);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await others.close();
  await database.drop();
});

const get = (messageId: MessageId, userId: UserId) =>
  process.rpc.call(GetMessage, { messageId, userId }).then(({ message }) => message);
const viewOf = (conversationId: ConversationId, seq: number) =>
  process.get(MessageReader).getView(others, conversationId, seq);
const react = (userId: UserId, messageId: MessageId, emoji: string) =>
  process.rpc.call(AddReaction, { userId, messageId, emoji });
const list = async (userId: UserId, conversationId: ConversationId): Promise<ViewedMessage[]> => {
  const position = { at: 'after_seq', seq: 0 } as const;
  const request = { userId, conversationId, position, limit: 100, threadRootId: null };
  return (await process.rpc.call(ListMessages, request)).messages;
};
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

/** Sets how far a participant has come. */
const moveCursors = (id: ConversationId, userId: UserId, readSeq: number, deliveredSeq = readSeq) =>
  database.query(
    `UPDATE participants SET last_read_seq = $3, last_delivered_seq = $4 WHERE conversation_id = $1 AND user_id = $2`,
    [id, userId, readSeq, deliveredSeq] as unknown[],
  );
const logReceipt = (id: ConversationId, userId: UserId, upToSeq: number, at: string) =>
  database.query(
    `INSERT INTO receipts (conversation_id, user_id, kind, up_to_seq, at) VALUES ($1, $2, 'read', $3, $4)`,
    [id, userId, upToSeq, at] as unknown[],
  );

describe('reactions', () => {
  it('are told by first use, with who reacted in what order, and whether the viewer did', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    const { message } = await scene.send({ conversationId: id });
    await react(bob, message.id, '👍');
    await react(carol, message.id, '❤️');
    await react(alice, message.id, '👍');
    const seen = await get(message.id, alice);
    expect(Object.entries(seen.reactions)).toEqual([
      ['👍', { count: 2, user_ids: [bob, alice], me: true }],
      ['❤️', { count: 1, user_ids: [carol], me: false }],
    ]);
    expect(await list(bob, id)).toMatchObject([{ reactions: { '👍': { me: true }, '❤️': { me: false } } }]);
    expect((await viewOf(id, 1)).reactions).toEqual({
      '👍': { count: 2, user_ids: [bob, alice] },
      '❤️': { count: 1, user_ids: [carol] },
    });
  });

  it('show the first fifty users, and the viewer among the others', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    await react(bob, message.id, '👍');
    await database.query(
      `INSERT INTO reactions (conversation_id, seq, emoji, user_id, created_at)
       SELECT $1, 1, '👍', 'u' || lpad(i::text, 2, '0'), now() - interval '1 hour' + i * interval '1 second'
       FROM generate_series(1, 60) i`,
      [id],
    );
    const { '👍': thumbs } = (await get(message.id, bob)).reactions;
    expect(thumbs).toMatchObject({ count: 61, me: true });
    expect(thumbs?.user_ids).toEqual(Array.from({ length: 50 }, (_, i) => `u${String(i + 1).padStart(2, '0')}`));
  });

  it('may be any text, also what names something in JavaScript', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    await react(bob, message.id, 'constructor');
    expect(Object.keys((await get(message.id, bob)).reactions)).toEqual(['constructor']);
  });
});

describe('a tombstone', () => {
  it('says nothing any more, and stays where it was', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const attachment = process.get(FakeMedia).upload(alice, id);
    const { message } = await scene.send({
      conversationId: id,
      content: 'hi @bob and @all',
      metadata: { a: 1 },
      attachmentIds: [attachment.id],
    });
    await scene.send({ conversationId: id, senderId: bob, threadRootId: message.id });
    await react(bob, message.id, '👍');
    await process.rpc.call(DeleteMessage, { userId: alice, messageId: message.id });
    for (const seen of [await get(message.id, bob), (await list(bob, id))[0], await viewOf(id, 1)]) {
      expect(seen).toMatchObject({
        id: message.id,
        seq: 1,
        content: '',
        metadata: {},
        mentions: [],
        mentions_everyone: false,
        attachments: [],
        reactions: {},
        is_deleted: true,
        deleted_at: expect.any(String) as string,
        thread: { reply_count: 1 },
      });
    }
  });
});

it('shows that a message was edited, and when', async () => {
  const { id } = await scene.conversation([alice, bob]);
  const { message } = await scene.send({ conversationId: id });
  await process.rpc.call(EditMessage, { userId: alice, messageId: message.id, content: 'other', metadata: null });
  const seen = await get(message.id, bob);
  expect(seen).toMatchObject({ content: 'other', is_edited: true, edited_at: seen.updated_at });
});

describe('whether a message is read', () => {
  const [early, late] = ['2026-01-20T10:00:00.000Z', '2026-01-20T11:00:00.000Z'] as const;

  it('is for another’s message whether the viewer has read it, and when first', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    for (let n = 0; n < 4; n++) await scene.send({ conversationId: id, senderId: bob });
    await moveCursors(id, alice, 2, 3);
    await logReceipt(id, alice, 1, early);
    await logReceipt(id, alice, 2, late);
    expect((await list(alice, id)).map(({ is_read, read_at, status }) => [is_read, read_at, status])).toEqual([
      [true, early, 'read'],
      [true, late, 'read'],
      [false, null, 'delivered'],
      [false, null, 'sent'],
    ]);
  });

  it('has no time where no reading was noted', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id, senderId: bob });
    await moveCursors(id, alice, 1);
    expect(await get(message.id, alice)).toMatchObject({ is_read: true, read_at: null, status: 'read' });
  });

  it('is for an own message in a direct conversation whether the other has read it, and when', async () => {
    const { id } = await scene.conversation([alice, bob], 'direct');
    for (let n = 0; n < 3; n++) await scene.send({ conversationId: id });
    await moveCursors(id, bob, 1, 2);
    await logReceipt(id, bob, 1, late);
    expect((await list(alice, id)).map(({ is_read, read_at, status }) => [is_read, read_at, status])).toEqual([
      [true, late, 'read'],
      [false, null, 'delivered'],
      [false, null, 'sent'],
    ]);
  });

  it('is for an own message in a group whether all the others have, who are still there', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    for (let n = 0; n < 3; n++) await scene.send({ conversationId: id });
    await moveCursors(id, bob, 3);
    await moveCursors(id, carol, 1, 2);
    await logReceipt(id, bob, 3, early);
    await logReceipt(id, carol, 1, late);
    const standing = async () =>
      (await list(alice, id)).map(({ is_read, read_at, status }) => [is_read, read_at, status]);
    expect(await standing()).toEqual([
      [true, null, 'read'],
      [false, null, 'delivered'],
      [false, null, 'sent'],
    ]);
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'carol'`, [
      id,
    ]);
    expect(await standing()).toEqual(Array.from({ length: 3 }, () => [true, null, 'read']));
  });

  it('is for an own message not for those to say who came after it', async () => {
    const { id } = await scene.conversation([alice]);
    await scene.send({ conversationId: id });
    const standing = async () => (await list(alice, id)).map(({ is_read, status }) => [is_read, status]);
    await process.rpc.call(AddParticipants, {
      conversationId: id,
      userId: alice,
      participantIds: [bob],
      role: 'participant',
    });
    expect(await standing()).toEqual([[false, 'sent']]);
    await scene.send({ conversationId: id });
    await moveCursors(id, bob, 2);
    await process.rpc.call(AddParticipants, {
      conversationId: id,
      userId: alice,
      participantIds: [carol],
      role: 'participant',
    });
    expect(await standing()).toEqual([
      [false, 'sent'],
      [true, 'read'],
    ]);
  });

  it('counts as delivered what was read', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    const { message } = await scene.send({ conversationId: id });
    await moveCursors(id, bob, 1, 0);
    await moveCursors(id, carol, 0, 1);
    expect(await get(message.id, alice)).toMatchObject({ status: 'delivered', is_read: false });
  });

  it('stays untold to the sender in a conversation of more than a hundred', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    await moveCursors(id, bob, 1);
    await database.query(`UPDATE conversations SET participant_count = 101 WHERE id = $1`, [id]);
    expect(await get(message.id, alice)).toMatchObject({ status: 'sent', is_read: false, read_at: null });
    expect(await get(message.id, bob)).toMatchObject({ status: 'read', is_read: true });
  });

  it('is not true of what one sends to nobody', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`, [
      id,
    ]);
    expect(await get(message.id, alice)).toMatchObject({ status: 'sent', is_read: false });
  });
});

describe('a message by its id', () => {
  it.each<[string, string, (id: ConversationId) => Promise<unknown>]>([
    [
      'of a deleted conversation',
      'message_not_found',
      (id) => database.query(`UPDATE conversations SET deleted_at = now() WHERE id = $1`, [id]),
    ],
    [
      'of a conversation that the user has left',
      'not_a_participant',
      (id) =>
        database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`, [id]),
    ],
  ])('is refused: %s', async (_what, code, change) => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    await change(id);
    expect(await codeOf(get(message.id, bob))).toBe(code);
  });

  it('is refused to strangers, and where there is none', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await scene.send({ conversationId: id });
    expect(await codeOf(get(message.id, carol))).toBe('not_a_participant');
    expect(await codeOf(get('999999999' as MessageId, carol))).toBe('message_not_found');
  });
});
