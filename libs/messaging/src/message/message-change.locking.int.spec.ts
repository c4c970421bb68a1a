import {
  AddReaction,
  type ConversationId,
  DeleteMessage,
  EditMessage,
  FilesReleased,
  GetMessage,
  MessageDeleted,
  MessageEdited,
  type MessageId,
  MessagePinned,
  type MessageView,
  PinMessage,
  ReactionAdded,
  RemoveReaction,
  type UserId,
} from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';

jest.setTimeout(60_000);

let database: TestDatabase;
let others: Database;
let bus: RecordingEventBus;
let processes: MessagingProcess[];
let scene: Scene;
let alice: UserId;
let bob: UserId;

beforeAll(async () => {
  database = await testDatabase();
  others = Database.connect({ url: database.url });
  bus = new RecordingEventBus();
  processes = [await startMessaging(database.url, bus), await startMessaging(database.url, bus)];
  scene = new Scene(processes[0] as MessagingProcess);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.close()));
  await others.close();
  await database.drop();
});

/** One process after the other. */
let turn = 0;
const rpc = () => (processes[turn++ % processes.length] as MessagingProcess).rpc;
const edit = (messageId: MessageId, content: string) =>
  rpc().call(EditMessage, { userId: alice, messageId, content, metadata: null });
const remove = (messageId: MessageId, userId = alice) => rpc().call(DeleteMessage, { userId, messageId });
const react = (messageId: MessageId, userId: UserId, emoji: string) =>
  rpc().call(AddReaction, { userId, messageId, emoji });
const view = async (messageId: MessageId) => (await rpc().call(GetMessage, { userId: alice, messageId })).message;

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function aMessage(members = [alice, bob]): Promise<{ id: ConversationId; message: MessageView }> {
  const { id } = await scene.conversation(members);
  return { id, message: (await scene.send({ conversationId: id, content: 'first' })).message };
}

/** After the creation of the conversation, each change was announced once, and none is missing. */
async function expectEachRevOnce(id: ConversationId): Promise<void> {
  const [row] = await database.query<{ rev: number }>('SELECT rev::int4 FROM conversations WHERE id = $1', [id]);
  const expected = upTo(row?.rev ?? 0).slice(1);
  await Promise.all(expected.map((rev) => bus.heard(id, rev)));
  expect(bus.revsOf(id).sort((a, b) => a - b)).toEqual(expected);
}

const lock = (tx: Transaction, id: ConversationId) =>
  tx.query('', 'SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [id]);

/** Resolves when `count` statements of the processes wait for somebody's lock. */
async function waiting(count: number): Promise<void> {
  const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await database.query(text)).length < count);
}

describe('changes of one message at once, in two processes', () => {
  it('either edit it before it is deleted, or find it deleted', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, message } = await aMessage();
      const edits = upTo(3).map((n) => codeOf(edit(message.id, `edit ${n}`)));
      const [, ...codes] = await Promise.all([remove(message.id), ...edits]);
      expect(codes.every((code) => code === 'no error' || code === 'message_deleted')).toBe(true);
      expect(await view(message.id)).toMatchObject({ is_deleted: true, content: '' });
      expect(await database.query('SELECT FROM edits WHERE conversation_id = $1', [id])).toEqual([]);
      await expectEachRevOnce(id);
      const [deleted] = bus.of(MessageDeleted, id);
      const edited = bus.of(MessageEdited, id);
      expect(edited).toHaveLength(codes.filter((code) => code === 'no error').length);
      expect(edited.every(({ rev }) => rev < (deleted?.rev ?? 0))).toBe(true);
    }
  });

  it('keep every earlier content, however many edit at once', async () => {
    const { id, message } = await aMessage();
    await Promise.all(upTo(12).map((n) => edit(message.id, `edit ${n}`)));
    const kept = await database.query<{ content: string; rev: number }>(
      'SELECT content, rev::int4 FROM edits WHERE conversation_id = $1 ORDER BY rev',
      [id],
    );
    expect(kept.map(({ rev }) => rev)).toEqual(upTo(12).map((n) => message.rev + n));
    const contents = [...kept.map(({ content }) => content), (await view(message.id)).content];
    expect(contents.sort()).toEqual(['first', ...upTo(12).map((n) => `edit ${n}`)].sort());
    await expectEachRevOnce(id);
  });

  it('delete it once, and let go of its files once', async () => {
    const { id, message } = await aMessage();
    await database.query(
      `INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
       VALUES ('00000000-0000-4000-8000-000000000002', $1, $2, 0, 'file', '{}')`,
      [id, message.seq],
    );
    const results = await Promise.all(upTo(8).map(() => remove(message.id)));
    expect(new Set(results.map((result) => result.message.rev))).toEqual(new Set([message.rev + 1]));
    await expectEachRevOnce(id);
    expect([bus.of(MessageDeleted, id), bus.of(FilesReleased, id)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('count every user once for an emoji, however often and from wherever they choose it', async () => {
    const users = await scene.users(...upTo(20).map((n) => `reactor${n}`));
    const { id, message } = await aMessage([alice, ...users]);
    await Promise.all([...users, ...users].map((userId) => react(message.id, userId, '👍')));
    const { reactions, rev } = await view(message.id);
    expect(reactions['👍']?.count).toBe(20);
    expect(new Set(reactions['👍']?.user_ids)).toEqual(new Set(users));
    expect(rev).toBe(message.rev + 20);
    await expectEachRevOnce(id);
  });

  it('never give it more different emojis than it may have', async () => {
    const users = await scene.users(...upTo(25).map((n) => `reactor${n}`));
    const { id, message } = await aMessage([alice, ...users]);
    const codes = await Promise.all(users.map((userId, n) => codeOf(react(message.id, userId, `emoji ${n}`))));
    expect(codes.filter((code) => code === 'no error')).toHaveLength(20);
    expect(codes.filter((code) => code === 'too_many_reactions')).toHaveLength(5);
    expect(Object.keys((await view(message.id)).reactions)).toHaveLength(20);
    await expectEachRevOnce(id);
  });

  it('leave no reaction on a message that is deleted meanwhile', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, message } = await aMessage();
      const removing = rpc().call(RemoveReaction, { userId: bob, messageId: message.id, emoji: 'e1' });
      const reacting = upTo(5).map((n) => codeOf(react(message.id, bob, `e${n}`)));
      await Promise.all([removing, remove(message.id), ...reacting]);
      expect(await database.query('SELECT FROM reactions WHERE conversation_id = $1', [id])).toEqual([]);
      await expectEachRevOnce(id);
      const [deleted] = bus.of(MessageDeleted, id);
      expect(bus.of(ReactionAdded, id).every(({ rev }) => rev < (deleted?.rev ?? 0))).toBe(true);
    }
  });

  it('pin it once', async () => {
    const { id, message } = await aMessage();
    await Promise.all(upTo(6).map(() => rpc().call(PinMessage, { userId: alice, messageId: message.id })));
    await expectEachRevOnce(id);
    expect(bus.of(MessagePinned, id)).toHaveLength(1);
  });
});

describe('deletions and sends at once', () => {
  it('keep the count of a thread exact, and all numbers without gaps', async () => {
    const { id, message: root } = await aMessage();
    const reply = (senderId: UserId) =>
      sendMessage(rpc(), aSend({ conversationId: id, senderId, threadRootId: root.id }));
    await Promise.all(
      upTo(24).map(async (n) => {
        const { message } = await reply(n % 2 === 0 ? alice : bob);
        if (n % 3 > 0) await remove(message.id);
      }),
    );
    const left = await database.query<{ sender_id: string; created_at: string }>(
      `SELECT sender_id, created_at FROM messages WHERE conversation_id = $1 AND thread_root_id = $2 AND deleted_at IS NULL
       ORDER BY seq`,
      [id, root.id],
    );
    const { thread } = await view(root.id);
    expect(left).toHaveLength(8);
    expect(thread).toMatchObject({ reply_count: 8, last_reply_at: left.at(-1)?.created_at });
    expect(new Set(thread?.participant_ids)).toEqual(new Set(left.map((row) => row.sender_id)));
    const seqs = await database.query<{ seq: number }>(
      'SELECT seq::int4 FROM messages WHERE conversation_id = $1 ORDER BY seq',
      [id],
    );
    expect(seqs.map(({ seq }) => seq)).toEqual(upTo(25));
    await expectEachRevOnce(id);
  });
});

describe('what happens while a change waits for its conversation', () => {
  it.each<[string, string, string]>([
    ['who is removed', 'not_a_participant', `UPDATE participants SET left_at = now() WHERE conversation_id = $1`],
    ['who is muted', 'participant_muted', `UPDATE participants SET is_muted = true WHERE conversation_id = $1`],
    [
      'whose window ends',
      'edit_window_over',
      `UPDATE messages SET created_at = now() - interval '1 day' WHERE conversation_id = $1`,
    ],
    ['whose conversation is deleted', 'message_not_found', `UPDATE conversations SET deleted_at = now() WHERE id = $1`],
  ])('counts: a sender %s is refused with %s', async (_what, code, change) => {
    const { id, message } = await aMessage();
    const editing = await others.transaction(async (tx) => {
      await lock(tx, id);
      // In an array: a promise that is returned from here would be awaited under the lock.
      const one = [codeOf(edit(message.id, 'second'))];
      await waiting(1);
      await tx.query('', change, [id]);
      return one;
    });
    expect(await editing[0]).toBe(code);
    expect(await database.query('SELECT content, rev::int4 FROM messages WHERE id = $1', [message.id])).toEqual([
      { content: 'first', rev: message.rev },
    ]);
  });

  it('does not hold up those who are refused without it: strangers wait for nobody', async () => {
    const stranger = await scene.user('stranger');
    const { id, message } = await aMessage();
    const code = await others.transaction(async (tx) => {
      await lock(tx, id);
      return codeOf(react(message.id, stranger, '👍'));
    });
    expect(code).toBe('not_a_participant');
  });
});
