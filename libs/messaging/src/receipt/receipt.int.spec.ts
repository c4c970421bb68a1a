import {
  AddParticipants,
  type ConversationId,
  CountUnread,
  DeleteMessage,
  ListConversations,
  ListMessages,
  ListReceipts,
  MarkReceived,
  type MessageId,
  type MessageView,
  type ReceiptKind,
  RemoveParticipant,
  type RequestOf,
  type UserId,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let db: Database;
let processes: [MessagingProcess, MessagingProcess];
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;

beforeAll(async () => {
  database = await testDatabase();
  db = Database.connect({ url: database.url });
  processes = [await startMessaging(database.url), await startMessaging(database.url)];
  scene = new Scene(processes[0]);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.close()));
  await db.close();
  await database.drop();
});

const mark = (userId: UserId, upTo: RequestOf<typeof MarkReceived>['upTo'], kind: ReceiptKind = 'read') =>
  processes[0].rpc.call(MarkReceived, { userId, kind, upTo });
const readAll = (userId: UserId, conversationId: ConversationId) => mark(userId, { by: 'everything', conversationId });
const say = async (conversationId: ConversationId, senderId: UserId, content = 'Hello!'): Promise<MessageView> =>
  (await scene.send({ conversationId, senderId, content })).message;
const historyOf = async (userId: UserId, conversationId: ConversationId) => {
  const request = { userId, conversationId, position: { at: 'after_seq', seq: 0 }, limit: 100, threadRootId: null };
  return (await processes[0].rpc.call(ListMessages, request as RequestOf<typeof ListMessages>)).messages;
};
const receiptsOf = async (userId: UserId, messageId: MessageId) =>
  (await processes[0].rpc.call(ListReceipts, { userId, messageId, limit: 50, page: 1 })).receipts;

describe('reading', () => {
  it('moves the cursor up to a message, a seq or everything, and says what is left', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const messages = [await say(id, alice), await say(id, alice), await say(id, alice)];
    expect(await mark(bob, { by: 'message', messageId: messages[0]?.id as MessageId })).toMatchObject({
      conversationId: id,
      upToSeq: 1,
      unreadCount: 2,
    });
    expect(await mark(bob, { by: 'seq', conversationId: id, seq: 2 })).toMatchObject({ upToSeq: 2, unreadCount: 1 });
    expect(await readAll(bob, id)).toMatchObject({ upToSeq: 3, unreadCount: 0 });
  });

  it('never moves a cursor back, nor past the last message', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await say(id, alice);
    await say(id, alice);
    expect(await mark(bob, { by: 'seq', conversationId: id, seq: 999 })).toMatchObject({ upToSeq: 2 });
    expect(await mark(bob, { by: 'seq', conversationId: id, seq: 1 })).toMatchObject({ upToSeq: 2 });
  });

  it('is getting as well, but getting is not reading', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await say(id, alice);
    await say(id, alice);
    await mark(bob, { by: 'seq', conversationId: id, seq: 1 }, 'delivered');
    expect((await historyOf(alice, id)).map(({ status }) => status)).toEqual(['delivered', 'sent']);
    await readAll(bob, id);
    expect((await historyOf(alice, id)).map(({ status, is_read }) => [status, is_read])).toEqual([
      ['read', true],
      ['read', true],
    ]);
  });

  it('is what a send does for its sender', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await say(id, alice);
    await say(id, bob);
    expect((await historyOf(alice, id)).map(({ is_read }) => is_read)).toEqual([true, false]);
  });

  it('by sending is told with the time of the send', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { id: messageId } = await say(id, alice);
    const answer = await say(id, bob);
    await scene.send({ conversationId: id, senderId: alice });
    // The log is written behind.
    let receipts = await receiptsOf(alice, messageId);
    const deadline = Date.now() + 10_000;
    while (receipts[0]?.read_at !== answer.created_at && Date.now() < deadline) {
      receipts = await receiptsOf(alice, messageId);
    }
    expect(receipts).toEqual([{ user_id: bob, delivered_at: answer.created_at, read_at: answer.created_at }]);
    const [first] = await historyOf(alice, id);
    expect(first).toMatchObject({ id: messageId, is_read: true, status: 'read' });
  });

  it.each([
    ['a stranger', () => carol],
    ['somebody who left', () => bob],
  ] as const)('is not for %s', async (_name, who) => {
    const { id } = await scene.conversation([alice, bob]);
    const { id: messageId } = await say(id, alice);
    await processes[0].rpc.call(RemoveParticipant, { userId: bob, conversationId: id, participantId: bob });
    await expect(readAll(who(), id)).rejects.toMatchObject({ code: 'not_a_participant' });
    await expect(mark(who(), { by: 'message', messageId })).rejects.toMatchObject({ code: 'not_a_participant' });
    await expect(receiptsOf(who(), messageId)).rejects.toMatchObject({ code: 'not_a_participant' });
  });

  it('of what is not there is an error, also of a message of another conversation', async () => {
    const [one, other] = [await scene.conversation([alice, bob]), await scene.conversation([alice, bob])];
    const { id: messageId } = await say(one.id, alice);
    await expect(readAll(alice, '999999' as ConversationId)).rejects.toMatchObject({ code: 'conversation_not_found' });
    const elsewhere = { by: 'message', messageId, conversationId: other.id } as const;
    await expect(mark(bob, elsewhere)).rejects.toMatchObject({ code: 'message_not_found' });
  });
});

describe('who has read a message', () => {
  it('is told with the times of the first receipts that reached it', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    const { id: messageId } = await say(id, alice);
    await mark(bob, { by: 'message', messageId }, 'delivered');
    await readAll(bob, id);
    const [first] = await receiptsOf(alice, messageId);
    await say(id, alice);
    await readAll(bob, id);
    const receipts = await receiptsOf(carol, messageId);
    expect(receipts).toEqual([
      { user_id: bob, delivered_at: first?.delivered_at, read_at: first?.read_at },
      { user_id: carol, delivered_at: null, read_at: null },
    ]);
    expect(first?.delivered_at).not.toBeNull();
    expect(Date.parse(first?.read_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.delivered_at ?? ''));
  });

  it('is not somebody who was away when it was sent, of whom what came before is still told', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const early = await say(id, alice);
    await readAll(bob, id);
    const [before] = await receiptsOf(alice, early.id);
    await processes[0].rpc.call(RemoveParticipant, { userId: alice, conversationId: id, participantId: bob });
    const missed = await say(id, alice);
    const back = { userId: alice, conversationId: id, participantIds: [bob], role: 'participant' as const };
    const { participants } = await processes[0].rpc.call(AddParticipants, back);
    expect(participants).toMatchObject([{ last_read_seq: missed.seq, last_read_at: null }]);
    expect(await receiptsOf(alice, missed.id)).toEqual([{ user_id: bob, delivered_at: null, read_at: null }]);
    expect(await receiptsOf(alice, early.id)).toEqual([before]);
    expect((await historyOf(bob, id)).at(-1)).toMatchObject({ id: missed.id, is_read: true, read_at: null });
  });

  it('is told page by page', async () => {
    const names = Array.from({ length: 7 }, (_, i) => `reader-${i}`);
    const readers = await scene.users(...names);
    const { id } = await scene.conversation([alice, ...readers]);
    const { id: messageId } = await say(id, alice);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask(messageId, cursor);
      seen.push(...page.receipts.map(({ user_id }) => user_id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([...readers].sort());
  });

  const ask = (messageId: MessageId, cursor: string | null) =>
    processes[0].rpc.call(ListReceipts, {
      userId: alice,
      messageId,
      limit: 3,
      page: 1,
      ...(cursor === null ? {} : { cursor }),
    });
});

describe('unread counts', () => {
  it('leave out what was deleted, and name no conversation without any', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const messages = [await say(id, alice), await say(id, alice)];
    await processes[0].rpc.call(DeleteMessage, { userId: alice, messageId: messages[1]?.id as MessageId });
    const countOf = async () => {
      const { unread } = await processes[0].rpc.call(CountUnread, { userId: bob });
      return unread.by_conversation.find(({ conversation_id }) => conversation_id === id)?.unread_count;
    };
    expect(await countOf()).toBe(1);
    await processes[0].rpc.call(DeleteMessage, { userId: alice, messageId: messages[0]?.id as MessageId });
    expect(await countOf()).toBeUndefined();
  });

  it('equal a recount after a random history on two processes, in the list and in the sum', async () => {
    const members = await scene.users('dan', 'eve', 'fay', 'guy');
    const ids = await Promise.all([1, 2, 3].map(async () => (await scene.conversation(members)).id));
    for (let round = 0; round < 12; round++) await Promise.all(Array.from({ length: 15 }, () => step(members, ids)));
    for (const userId of members) {
      const expected = new Map(await Promise.all(ids.map(async (id) => [id, await recount(userId, id)] as const)));
      const { unread } = await processes[1].rpc.call(CountUnread, { userId });
      const { conversations } = await processes[1].rpc.call(ListConversations, { userId, limit: 50, page: 1 });
      const counted = new Map(unread.by_conversation.map((each) => [each.conversation_id, each.unread_count]));
      for (const { id, unread_count } of conversations) {
        expect(unread_count).toBe(expected.get(id));
        expect(counted.get(id) ?? 0).toBe(expected.get(id));
      }
      expect(unread.total_unread).toBe([...expected.values()].reduce((sum, count) => sum + count, 0));
    }
  });

  /** Somebody sends, reads or deletes, somewhere, through one of the processes. */
  async function step(members: readonly UserId[], ids: readonly ConversationId[]): Promise<void> {
    const [userId, conversationId, { rpc }] = [pick(members), pick(ids), pick(processes)];
    const dice = Math.random();
    if (dice < 0.6) await scene.send({ conversationId, senderId: userId });
    else if (dice < 0.85) {
      const seq = Math.floor(Math.random() * 60);
      const upTo = { by: 'seq', conversationId, seq } as const;
      await rpc.call(MarkReceived, { userId, kind: Math.random() < 0.5 ? 'read' : 'delivered', upTo });
    } else {
      const [row] = await db.query<{ id: MessageId; sender_id: UserId }>(
        '',
        `SELECT m.id, m.sender_id FROM messages m WHERE m.conversation_id = $1 ORDER BY random() LIMIT 1`,
        [conversationId],
      );
      if (row) await rpc.call(DeleteMessage, { userId: row.sender_id, messageId: row.id });
    }
  }

  /** Message by message, without any cleverness. */
  async function recount(userId: UserId, id: ConversationId): Promise<number> {
    const [row] = await db.query<{ count: string }>(
      '',
      `SELECT count(*) AS count
       FROM messages m
       JOIN participants p ON p.conversation_id = m.conversation_id AND p.user_id = $2
       WHERE m.conversation_id = $1 AND m.seq > p.last_read_seq AND m.sender_id <> $2 AND m.deleted_at IS NULL`,
      [id, userId],
    );
    return Number(row?.count);
  }

  function pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(Math.random() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
});
