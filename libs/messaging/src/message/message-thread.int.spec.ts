import {
  type ConversationId,
  DeleteMessage,
  type HistoryPosition,
  ListMessages,
  type MessageId,
  type RequestOf,
  type SendMessage,
  type UserId,
  type ViewedMessage,
} from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';
import { MessageReader } from './message.reader';

jest.setTimeout(60_000);

let database: TestDatabase;
let others: Database;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;

beforeAll(async () => {
  database = await testDatabase();
  others = Database.connect({ url: database.url });
  here = await startMessaging(database.url);
  there = await startMessaging(database.url);
  scene = new Scene(here);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await others.close();
  await database.drop();
});

const send = (process: MessagingProcess, fields: Partial<RequestOf<typeof SendMessage>>) =>
  sendMessage(process.rpc, aSend(fields)).then(({ message }) => message);
const viewOf = (conversationId: ConversationId, seq: number) =>
  here.get(MessageReader).getView(others, conversationId, seq);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

/** A conversation of the three with one message, Alice's. */
async function rooted() {
  const { id } = await scene.conversation([alice, bob, carol]);
  return { id, root: await send(here, { conversationId: id, content: 'root' }) };
}

describe('a reply in a thread', () => {
  it('is counted on the message that starts it, which changes with it', async () => {
    const { id, root } = await rooted();
    const first = await send(here, { conversationId: id, senderId: bob, threadRootId: root.id });
    const last = await send(here, { conversationId: id, senderId: alice, threadRootId: root.id });
    expect(first).toMatchObject({ thread_root_id: root.id, thread: null, seq: 2, rev: 3 });
    expect(await viewOf(id, 1)).toEqual({
      ...root,
      rev: last.rev,
      thread: { reply_count: 2, last_reply_at: last.created_at, participant_ids: [bob, alice] },
    });
  });

  it('takes no rev of its own for that', async () => {
    const { id, root } = await rooted();
    await send(here, { conversationId: id, threadRootId: root.id });
    expect((await send(here, { conversationId: id })).rev).toBe(4);
  });

  it('stands in the history like any other message', async () => {
    const { id, root } = await rooted();
    await send(here, { conversationId: id, threadRootId: root.id, content: 'reply' });
    const request = { userId: bob, conversationId: id, limit: 10, position: { at: 'page', page: 1 } } as const;
    const { messages } = await here.rpc.call(ListMessages, { ...request, threadRootId: null });
    expect(messages.map((message) => [message.content, message.thread?.reply_count])).toEqual([
      ['reply', undefined],
      ['root', 1],
    ]);
  });

  it('names those who reply once each, the first fifty', async () => {
    const { id, root } = await rooted();
    const names = upTo(60).map((n) => `replier${String(n).padStart(2, '0')}`);
    const repliers = await scene.users(...names);
    await database.query(`INSERT INTO participants (conversation_id, user_id) SELECT $1, unnest($2::text[])`, [
      id,
      repliers,
    ] as unknown[]);
    const reply = (senderId: UserId) => send(here, { conversationId: id, senderId, threadRootId: root.id });
    for (const senderId of repliers.slice(0, 3)) await reply(senderId);
    await Promise.all([...repliers, ...repliers].map(reply));
    const { thread } = await viewOf(id, 1);
    expect(thread?.reply_count).toBe(123);
    expect(thread?.participant_ids).toEqual(repliers.slice(0, 50));
  });
});

describe('many replies at once', () => {
  it('are all counted, in one batch and over several threads', async () => {
    const { id, root } = await rooted();
    const second = await send(here, { conversationId: id, content: 'second root' });
    const replies = await Promise.all(
      upTo(90).map((n) =>
        send(here, {
          conversationId: id,
          senderId: n % 2 === 0 ? bob : carol,
          threadRootId: n % 3 === 0 ? second.id : root.id,
        }),
      ),
    );
    const last = (rootId: MessageId) =>
      Math.max(...replies.filter((r) => r.thread_root_id === rootId).map((r) => r.rev));
    expect(await viewOf(id, 1)).toMatchObject({
      rev: last(root.id),
      thread: { reply_count: 60, participant_ids: [carol, bob] },
    });
    expect(await viewOf(id, 2)).toMatchObject({ rev: last(second.id), thread: { reply_count: 30 } });
  });

  it('are all counted that race in two processes', async () => {
    const { id, root } = await rooted();
    const replies = await Promise.all(
      upTo(200).map((n) =>
        send(n % 2 === 0 ? here : there, { conversationId: id, senderId: bob, threadRootId: root.id }),
      ),
    );
    const revs = replies.map(({ rev }) => rev).sort((a, b) => a - b);
    expect(revs).toEqual(upTo(200).map((n) => n + 2));
    expect(await viewOf(id, 1)).toMatchObject({ rev: 202, thread: { reply_count: 200, participant_ids: [bob] } });
  });

  it('start from what the thread is when the wait for its conversation is over', async () => {
    const { id, root } = await rooted();
    await send(here, { conversationId: id, senderId: carol, threadRootId: root.id });
    await whileHeld(id, async (tx) => {
      await tx.query(
        '',
        `UPDATE messages SET reply_count = 7, replier_ids = '{carol,alice}' WHERE conversation_id = $1 AND seq = 1`,
        [id],
      );
      return () => send(here, { conversationId: id, senderId: bob, threadRootId: root.id });
    });
    expect((await viewOf(id, 1)).thread).toMatchObject({ reply_count: 8, participant_ids: [carol, alice, bob] });
  });
});

/** Makes a change under a conversation's lock, and begins `send` while it is held, to go on when somebody waits for it. */
async function whileHeld<T>(id: ConversationId, change: (tx: Transaction) => Promise<() => Promise<T>>): Promise<T> {
  const [sending] = await others.transaction(async (tx) => {
    await tx.query('', 'SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [id]);
    const begin = await change(tx);
    // In an array: a promise that is returned from here would be awaited under the lock.
    const one = [begin()] as const;
    const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await database.query(text)).length === 0);
    return one;
  });
  return sending;
}

describe('a thread that there is not', () => {
  it.each<[string, (id: ConversationId, root: ViewedMessage['id']) => Promise<MessageId>]>([
    ['no message', async () => '999999999' as MessageId],
    [
      'a message of another conversation',
      async () => (await send(here, { conversationId: (await scene.conversation([alice, bob])).id })).id,
    ],
    ['a reply in a thread', async (id, root) => (await send(here, { conversationId: id, threadRootId: root })).id],
    [
      'a deleted message',
      async (id) => {
        const { id: messageId } = await send(here, { conversationId: id });
        await here.rpc.call(DeleteMessage, { userId: alice, messageId });
        return messageId;
      },
    ],
  ])('is refused: %s', async (_what, start) => {
    const { id, root } = await rooted();
    const threadRootId = await start(id, root.id);
    expect(await codeOf(send(here, { conversationId: id, senderId: bob, threadRootId }))).toBe('thread_root_not_found');
  });

  it('is refused when it is deleted while the reply waits for the conversation', async () => {
    const { id, root } = await rooted();
    const sending = await whileHeld(id, async (tx) => {
      await tx.query('', `UPDATE messages SET deleted_at = now() WHERE conversation_id = $1 AND seq = 1`, [id]);
      return () => codeOf(send(here, { conversationId: id, senderId: bob, threadRootId: root.id }));
    });
    expect(sending).toBe('thread_root_not_found');
    expect((await viewOf(id, 1)).thread).toBeNull();
  });

  it('does not undo a reply that is there: its repetition is answered with it', async () => {
    const { id, root } = await rooted();
    const request = aSend({ conversationId: id, senderId: bob, threadRootId: root.id });
    const { message } = await sendMessage(here.rpc, request);
    await here.rpc.call(DeleteMessage, { userId: alice, messageId: root.id });
    for (const process of [here, there]) {
      expect(await sendMessage(process.rpc, request)).toEqual({ message, duplicate: true });
    }
  });
});

it('quotes nothing of a deleted message that is replied to', async () => {
  const { id, root } = await rooted();
  const before = await send(here, { conversationId: id, replyToId: root.id });
  await here.rpc.call(DeleteMessage, { userId: alice, messageId: root.id });
  const after = await send(here, { conversationId: id, replyToId: root.id });
  expect([before.reply_to_content, after.reply_to_content]).toEqual(['root', '']);
  expect(await viewOf(id, before.seq)).toMatchObject({ reply_to_id: root.id, reply_to_content: '' });
});

describe('a page of a thread', () => {
  let id: ConversationId;
  let rootId: MessageId;
  let replies: MessageId[];

  /** seq 1 is the root; replies have the seqs 2, 4, 6 ... 30. */
  beforeAll(async () => {
    const started = await rooted();
    ({ id } = started);
    rootId = started.root.id;
    replies = [];
    for (let n = 0; n < 15; n++) {
      replies.push((await send(here, { conversationId: id, senderId: bob, threadRootId: rootId })).id);
      await send(here, { conversationId: id });
    }
  });

  const list = (position: HistoryPosition, limit = 4, threadRootId = rootId) =>
    here.rpc.call(ListMessages, { userId: carol, conversationId: id, position, limit, threadRootId });
  const messageId = (seq: number) => replies[seq / 2 - 1] ?? ('' as MessageId);

  it.each<[string, HistoryPosition, number[], boolean]>([
    ['the newest replies first', { at: 'page', page: 1 }, [30, 28, 26, 24], true],
    ['the page after it', { at: 'page', page: 2 }, [22, 20, 18, 16], true],
    ['the last page', { at: 'page', page: 4 }, [6, 4, 2], false],
    ['nothing behind the last page', { at: 'page', page: 5 }, [], false],
    ['what is before a seq', { at: 'before_seq', seq: 9 }, [8, 6, 4, 2], false],
    ['what is after a seq, ascending', { at: 'after_seq', seq: 3 }, [4, 6, 8, 10], true],
    ['all from the first reply', { at: 'after_seq', seq: 0 }, [2, 4, 6, 8], true],
    ['nothing after the last reply', { at: 'after_seq', seq: 30 }, [], false],
  ])('holds %s', async (_what, position, seqs, hasMore) => {
    const page = await list(position);
    expect(page.messages.map(({ seq }) => seq)).toEqual(seqs);
    expect(page.hasMore).toBe(hasMore);
  });

  it.each([
    [16, [12, 14, 16, 18], true],
    [2, [2, 4, 6, 8], true],
    [4, [2, 4, 6, 8], true],
    [30, [26, 28, 30], false],
  ])('holds what stands around the reply of seq %d', async (seq, seqs, hasMore) => {
    const page = await list({ at: 'around_message', messageId: messageId(seq) });
    expect(page.messages.map((message) => message.seq)).toEqual(seqs);
    expect(page.hasMore).toBe(hasMore);
  });

  it('holds what stands before a reply', async () => {
    const { messages } = await list({ at: 'before_message', messageId: messageId(8) });
    expect(messages.map(({ seq }) => seq)).toEqual([6, 4, 2]);
  });

  it('is empty of a message that nobody replied to in a thread', async () => {
    expect(await list({ at: 'page', page: 1 }, 4, messageId(2))).toEqual({ messages: [], hasMore: false });
  });

  it('is refused for a message that is not in the conversation', async () => {
    const { root } = await rooted();
    expect(await codeOf(list({ at: 'page', page: 1 }, 4, root.id))).toBe('message_not_found');
    expect(await codeOf(list({ at: 'page', page: 1 }, 4, '999999999' as MessageId))).toBe('message_not_found');
  });
});
