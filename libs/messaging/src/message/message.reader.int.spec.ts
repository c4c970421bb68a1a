import {
  type ConversationId,
  type HistoryPosition,
  ListMessages,
  type MessageId,
  type MessageView,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { maxMessageLength, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(30_000);

const count = 31;

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let conversationId: ConversationId;
let sent: MessageView[];

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  scene = new Scene(process);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
  conversationId = (await scene.conversation([alice, bob])).id;
  sent = await fill(conversationId, count, (n) => `message ${n}`);
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

async function fill(id: ConversationId, messages: number, content: (n: number) => string): Promise<MessageView[]> {
  const sending = Array.from({ length: messages }, (_, i) =>
    scene.send({ conversationId: id, content: content(i + 1) }),
  );
  return (await Promise.all(sending)).map(({ message }) => message);
}

const list = (position: HistoryPosition, limit = 10, of = conversationId) =>
  process.rpc.call(ListMessages, { userId: alice, conversationId: of, position, limit, threadRootId: null });
const seqs = (messages: readonly MessageView[]) => messages.map(({ seq }) => seq);
const from = (first: number, last: number): number[] =>
  Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => (first < last ? first + i : first - i));
const idOf = (seq: number): MessageId => sent[seq - 1]?.id ?? ('' as MessageId);

describe('a page of history', () => {
  it('shows messages as they were answered when they were sent', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message: first } = await scene.send({ conversationId: id, content: 'first' });
    const reply = await scene.send({ conversationId: id, replyToId: first.id, metadata: { a: 1 }, content: 'reply' });
    const { messages } = await list({ at: 'after_seq', seq: 1 }, 10, id);
    expect(messages).toEqual([{ ...reply.message, is_read: false, read_at: null }]);
  });

  it.each<[string, HistoryPosition, number[], boolean]>([
    ['the newest first', { at: 'page', page: 1 }, from(31, 22), true],
    ['the page after it', { at: 'page', page: 2 }, from(21, 12), true],
    ['the last page', { at: 'page', page: 4 }, from(1, 1), false],
    ['a page behind the last', { at: 'page', page: 9_000_000_000 }, [], false],
    ['before a seq, descending', { at: 'before_seq', seq: 20 }, from(19, 10), true],
    ['before an early seq', { at: 'before_seq', seq: 4 }, from(3, 1), false],
    ['before the first', { at: 'before_seq', seq: 1 }, [], false],
    ['before a seq to come', { at: 'before_seq', seq: 1_000_000 }, from(31, 22), true],
    ['after a seq, ascending', { at: 'after_seq', seq: 5 }, from(6, 15), true],
    ['after a late seq', { at: 'after_seq', seq: 27 }, from(28, 31), false],
    ['exactly the rest after a seq', { at: 'after_seq', seq: 21 }, from(22, 31), false],
    ['after everything', { at: 'after_seq', seq: 31 }, [], false],
  ])('holds %s', async (_what, position, expected, hasMore) => {
    const page = await list(position);
    expect(seqs(page.messages)).toEqual(expected);
    expect(page.hasMore).toBe(hasMore);
  });

  it.each([
    [20, from(15, 24), true],
    [2, from(1, 10), true],
    [31, from(26, 31), false],
  ])('holds what stands around message %d, ascending', async (seq, expected, hasMore) => {
    const page = await list({ at: 'around_message', messageId: idOf(seq) });
    expect(seqs(page.messages)).toEqual(expected);
    expect(page.hasMore).toBe(hasMore);
  });

  it('holds the message alone when it is asked for one around it', async () => {
    expect(seqs((await list({ at: 'around_message', messageId: idOf(7) }, 1)).messages)).toEqual([7]);
  });

  it('holds what stands before a message, descending', async () => {
    expect(seqs((await list({ at: 'before_message', messageId: idOf(7) })).messages)).toEqual(from(6, 1));
  });

  it('walks through all of it without gaps or repeats', async () => {
    const walked: number[] = [];
    let position: HistoryPosition = { at: 'page', page: 1 };
    for (let hasMore = true; hasMore;) {
      const page: { messages: MessageView[]; hasMore: boolean } = await list(position, 7);
      walked.push(...seqs(page.messages));
      ({ hasMore } = page);
      position = { at: 'before_seq', seq: walked.at(-1) ?? 0 };
    }
    expect(walked).toEqual(from(31, 1));
  });
});

describe('access', () => {
  const page = { at: 'page', page: 1 } as const;
  it.each<[string, string, () => Promise<unknown>]>([
    ['a conversation that never was', 'conversation_not_found', () => list(page, 1, '999999' as ConversationId)],
    [
      'a conversation of others',
      'not_a_participant',
      async () => {
        const carol = await scene.user('carol');
        return list(page, 1, (await scene.conversation([bob, carol])).id);
      },
    ],
    [
      'a conversation that was left',
      'not_a_participant',
      async () => {
        const { id } = await scene.conversation([bob, alice]);
        await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2`, [
          id,
          alice,
        ]);
        return list(page, 1, id);
      },
    ],
    ['an unknown message', 'message_not_found', () => list({ at: 'around_message', messageId: '999999' as MessageId })],
    [
      'a message of another conversation',
      'message_not_found',
      async () => list({ at: 'before_message', messageId: idOf(3) }, 1, (await scene.conversation([alice, bob])).id),
    ],
  ])('to %s is refused with %s', async (_what, code, call) => {
    await expect(call()).rejects.toMatchObject({ code });
  });
});

describe('an answer that would grow too large', () => {
  const large = 'é€👋'.repeat(maxMessageLength / 3); // 9 bytes for each three characters
  let heavy: ConversationId;
  beforeAll(async () => {
    heavy = (await scene.conversation([alice, bob])).id;
    await fill(heavy, 100, () => large);
  });
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

  it.each<HistoryPosition>([
    { at: 'page', page: 1 },
    { at: 'after_seq', seq: 0 },
  ])('ends early, and says so: %j', async (position) => {
    const page = await list(position, 100, heavy);
    expect(page.hasMore).toBe(true);
    expect(page.messages.length).toBeGreaterThan(20);
    expect(bytes(page)).toBeLessThan(800_000);
  });

  it('keeps the message that it is about', async () => {
    const [middle] = (await list({ at: 'after_seq', seq: 49 }, 1, heavy)).messages;
    const page = await list({ at: 'around_message', messageId: middle?.id ?? idOf(1) }, 100, heavy);
    expect(seqs(page.messages)).toContain(50);
    expect(bytes(page)).toBeLessThan(800_000);
  });
});
