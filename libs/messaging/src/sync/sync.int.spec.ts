import {
  AddParticipants,
  type ClientHeads,
  type ConversationId,
  type Head,
  MarkReceived,
  type MessageView,
  ReadEpoch,
  type ResponseOf,
  Sync,
  UpdateConversation,
  type UserId,
  type ViewedMessage,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { maxAnswerBytes } from '../answer/answer.budget';
import { maxMessageLength, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let bob: UserId;
let users = 0;

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
const newUser = () => scene.user(`user${users++}`);
const sync = (userId: UserId, heads: ClientHeads) => process.rpc.call(Sync, { userId, heads });
const seqs = (messages: readonly MessageView[] | undefined) => messages?.map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const fill = (conversationId: ConversationId, count: number, content = 'x') =>
  Promise.all(upTo(count).map(() => scene.send({ conversationId, senderId: bob, content })));
/** A message that was just sent, to another who has not read it. */
const asSeenBy = (message: MessageView): ViewedMessage => ({
  ...message,
  reactions: {},
  is_read: false,
  read_at: null,
});
const flat = (head: Head | undefined) => ({ last_seq: head?.seq, rev: head?.rev });
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('what a client missed', () => {
  it('is the new messages of what it knows, and what it does not know, as of one moment', async () => {
    const me = await newUser();
    const [known, quiet, fresh] = [
      await scene.conversation([bob, me]),
      await scene.conversation([bob, me]),
      await scene.conversation([bob, me]),
    ];
    const sent = await fill(known.id, 5);
    await fill(fresh.id, 2);
    const { sync: answer, heads } = await sync(me, { [known.id]: { seq: 3, rev: 4 }, [quiet.id]: { seq: 0, rev: 1 } });
    expect(answer).toMatchObject({ gone: [], has_more: false });
    expect(answer.conversations).toEqual({
      [known.id]: {
        messages: sent.slice(3).map(({ message }) => asSeenBy(message)),
        changed: [],
        // Who sends has read.
        participants: [expect.objectContaining({ user_id: bob, last_read_seq: 5 })],
        has_more: false,
        last_seq: 5,
        rev: 6,
      },
    });
    expect(answer.new_conversations).toMatchObject([{ id: fresh.id, unread_count: 2, last_message: { seq: 2 } }]);
    expect(heads).toEqual({
      [known.id]: { seq: 5, rev: 6 },
      [quiet.id]: { seq: 0, rev: 1 },
      [fresh.id]: { seq: 2, rev: 3 },
    });
  });

  it('is nothing for a client that knows all', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 2);
    const { sync: answer } = await sync(me, { [id]: { seq: 2, rev: 3 } });
    expect(answer).toMatchObject({ conversations: {}, new_conversations: [], gone: [], has_more: false });
  });

  it('is also what changed of the messages that it has, unless it gave a bare seq', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 3);
    await database.query(`UPDATE messages SET content = 'edited', rev = 5 WHERE conversation_id = $1 AND seq = 2`, [
      id,
    ]);
    await database.query(`UPDATE conversations SET rev = 5 WHERE id = $1`, [id]);
    const withRev = (await sync(me, { [id]: { seq: 3, rev: 4 } })).sync.conversations[id];
    expect(withRev).toMatchObject({
      messages: [],
      changed: [{ seq: 2, rev: 5, content: 'edited' }],
      last_seq: 3,
      rev: 5,
    });
    expect((await sync(me, { [id]: 3 })).sync.conversations).toEqual({});
    const bare = (await sync(me, { [id]: 2 })).sync.conversations[id];
    expect(bare).toMatchObject({ messages: [{ seq: 3 }], last_seq: 3, rev: 5 });
    expect(bare).not.toHaveProperty('changed');
    // What is new anyway does not come twice.
    const both = (await sync(me, { [id]: { seq: 1, rev: 2 } })).sync.conversations[id];
    expect(both).toMatchObject({ messages: [{ seq: 2, content: 'edited' }, { seq: 3 }], changed: [] });
  });

  it('names what is gone: left, deleted, never was, not an id at all', async () => {
    const me = await newUser();
    const [left, deleted, others] = [
      await scene.conversation([bob, me]),
      await scene.conversation([bob, me]),
      await scene.conversation([bob]),
    ];
    await database.query('UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
      left.id,
      me,
    ]);
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [deleted.id]);
    const named = [left.id, deleted.id, others.id, '999999', 'nonsense', '-1', '007'];
    const { sync: answer, heads } = await sync(me, Object.fromEntries(named.map((id) => [id, 1])));
    expect([...answer.gone].sort()).toEqual([...named].sort());
    expect(answer).toMatchObject({ conversations: {}, new_conversations: [], has_more: false });
    expect(heads).toEqual({});
  });

  it('is the truth alone for a head that is above it', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 2);
    const { sync: answer, heads } = await sync(me, { [id]: { seq: 50, rev: 60 } });
    const { participants, ...told } = answer.conversations[id] ?? {};
    expect(told).toEqual({ messages: [], changed: [], has_more: false, last_seq: 2, rev: 3 });
    expect(participants).toMatchObject([{ user_id: bob, last_read_seq: 2 }]);
    expect(heads).toEqual({ [id]: { seq: 2, rev: 3 } });
  });

  it('is also how far the others have read since, where nothing else happened', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([me, bob]);
    const { message } = await scene.send({ conversationId: id, senderId: me });
    const head = { [id]: { seq: message.seq, rev: message.rev } };
    expect((await sync(me, head)).sync.conversations).toEqual({});
    await process.rpc.call(MarkReceived, { userId: bob, kind: 'read', upTo: { by: 'everything', conversationId: id } });
    expect((await sync(me, head)).sync).toMatchObject({
      conversations: {
        [id]: { messages: [], changed: [], participants: [{ user_id: bob, last_read_seq: 1 }], ...flat(head[id]) },
      },
      has_more: false,
    });
  });

  it('is of a large conversation only how far the user has read, on other devices', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([me, bob]);
    const { message } = await scene.send({ conversationId: id, senderId: bob });
    await database.query(`UPDATE conversations SET participant_count = 101 WHERE id = $1`, [id]);
    const head = { [id]: { seq: message.seq, rev: message.rev } };
    for (const userId of [me, bob]) {
      await process.rpc.call(MarkReceived, { userId, kind: 'read', upTo: { by: 'everything', conversationId: id } });
    }
    const told = (await sync(me, head)).sync.conversations[id]?.participants;
    expect(told).toMatchObject([{ user_id: me, last_read_seq: 1 }]);
  });

  it('is also the conversation, where its settings or its participants changed', async () => {
    const [me, other] = [await newUser(), await newUser()];
    const { id } = await scene.conversation([me, bob]);
    const { id: quiet } = await scene.conversation([me, bob]);
    await process.rpc.call(UpdateConversation, { userId: me, conversationId: id, changes: { title: 'Other title' } });
    await process.rpc.call(AddParticipants, {
      userId: me,
      conversationId: id,
      participantIds: [other],
      role: 'participant',
    });
    const { conversations } = (await sync(me, { [id]: { seq: 0, rev: 1 }, [quiet]: { seq: 0, rev: 1 } })).sync;
    expect(conversations).toMatchObject({
      [id]: { conversation: { title: 'Other title', participant_count: 3, my_role: 'admin' }, rev: 3 },
    });
    expect(conversations[quiet]).toBeUndefined();
  });

  it('is also the root of a thread that was replied to, though the reply took no rev of its own', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([me, bob]);
    const { message: root } = await scene.send({ conversationId: id, senderId: me });
    const { message: reply } = await scene.send({ conversationId: id, senderId: bob, threadRootId: root.id });
    const told = (await sync(me, { [id]: { seq: 1, rev: root.rev } })).sync.conversations[id];
    expect(told).toMatchObject({
      messages: [{ id: reply.id, thread_root_id: root.id }],
      changed: [{ id: root.id, thread: { reply_count: 1, participant_ids: [bob] } }],
    });
  });

  it('comes with the epoch of the database', async () => {
    const { epoch } = await process.rpc.call(ReadEpoch, {});
    expect(epoch).toMatch(/^[0-9a-f-]{36}$/);
    expect((await sync(await newUser(), {})).sync.epoch).toBe(epoch);
  });
});

describe('an answer that is cut', () => {
  type SyncResponse = ResponseOf<typeof Sync>;

  /** Syncs as a client does, taking each answer into its heads, until there is no more. */
  async function syncAll(me: UserId, heads: Record<string, Head>): Promise<SyncResponse[]> {
    const answers: SyncResponse[] = [];
    for (let hasMore = true; hasMore;) {
      const answer = await sync(me, heads);
      answers.push(answer);
      for (const [id, { last_seq, rev }] of Object.entries(answer.sync.conversations))
        heads[id] = { seq: last_seq, rev };
      for (const { id, last_seq, rev } of answer.sync.new_conversations) heads[id] = { seq: last_seq, rev };
      hasMore = answer.sync.has_more;
    }
    return answers;
  }

  it('holds two hundred messages of a conversation, and goes on from there', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 450);
    const heads = { [id]: { seq: 0, rev: 1 } };
    const answers = await syncAll(me, heads);
    expect(answers.map(({ sync }) => sync.conversations[id]?.messages.length)).toEqual([200, 200, 50]);
    expect(answers.map(({ sync }) => sync.conversations[id]?.has_more)).toEqual([true, true, false]);
    expect(answers.flatMap(({ sync }) => seqs(sync.conversations[id]?.messages))).toEqual(upTo(450));
    expect(answers[0]?.sync.conversations[id]).toMatchObject({ last_seq: 200, rev: 201 });
    expect(answers.map((answer) => answer.heads[id])).toEqual(answers.map(() => ({ seq: 450, rev: 451 })));
  });

  it('loses and repeats nothing when messages and changes are cut together', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 500);
    // 250 of what the client has changed after everything was sent.
    await database.query(
      `UPDATE messages SET content = 'edited', rev = 501 + seq WHERE conversation_id = $1 AND seq <= 250`,
      [id],
    );
    await database.query(`UPDATE conversations SET rev = 751 WHERE id = $1`, [id]);
    const answers = await syncAll(me, { [id]: { seq: 250, rev: 251 } });
    const conversations = answers.map(({ sync }) => sync.conversations[id]);
    expect(conversations.flatMap((changes) => seqs(changes?.messages))).toEqual(upTo(250).map((n) => 250 + n));
    const changed = conversations.flatMap((changes) => seqs(changes?.changed));
    expect(new Set(changed)).toEqual(new Set(upTo(250)));
    expect(conversations.at(-1)).toMatchObject({ last_seq: 500, rev: 751, has_more: false });
  });

  it('stays within its bound in bytes, whole conversations and parts of one', async () => {
    const me = await newUser();
    const conversations = await Promise.all(upTo(4).map(() => scene.conversation([bob, me])));
    await Promise.all(conversations.map(({ id }) => fill(id, 12, '👋'.repeat(maxMessageLength))));
    const heads = Object.fromEntries(conversations.map(({ id }) => [id, { seq: 0, rev: 1 }]));
    const answers = await syncAll(me, heads);
    expect(answers.length).toBeGreaterThan(1);
    for (const answer of answers) expect(bytes(answer)).toBeLessThan(800_000);
    for (const { id } of conversations) {
      expect(answers.flatMap(({ sync }) => seqs(sync.conversations[id]?.messages) ?? [])).toEqual(upTo(12));
    }
  });

  it('loses no change of the settings where messages leave no room for it', async () => {
    const me = await newUser();
    const title = 'n'.repeat(255);
    const metadata = { note: 'x'.repeat(16_000) };
    const { id } = await scene.conversation([bob, me]);
    // As many as one answer holds: what they leave of it is less than the conversation takes.
    const content = '👋'.repeat(maxMessageLength);
    await fill(id, 1, content);
    const [first] = (await sync(me, { [id]: { seq: 0, rev: 1 } })).sync.conversations[id]?.messages ?? [];
    const count = Math.floor(maxAnswerBytes / bytes(first));
    await fill(id, count - 1, content);
    await process.rpc.call(UpdateConversation, { userId: bob, conversationId: id, changes: { title, metadata } });
    const answers = await syncAll(me, { [id]: { seq: 0, rev: 1 } });
    const told = answers.map(({ sync }) => sync.conversations[id]);
    expect(told.flatMap((changes) => seqs(changes?.messages) ?? [])).toEqual(upTo(count));
    expect(told.findLast((changes) => changes?.conversation)?.conversation).toMatchObject({ title, metadata });
  });

  it('tells of a hundred new conversations at a time, newest activity first', async () => {
    const me = await newUser();
    const made: ConversationId[] = [];
    for (let i = 0; i < 105; i++) made.push((await scene.conversation([bob, me])).id);
    const answers = await syncAll(me, {});
    const told = answers.map(({ sync }) => sync.new_conversations.map(({ id }) => id));
    expect(told.map(({ length }) => length)).toEqual([100, 5]);
    expect(new Set(told.flat())).toEqual(new Set(made));
    expect(told[0]?.[0]).toBe(made.at(-1));
  });

  it('does not drown in what a client invents', async () => {
    const me = await newUser();
    const { id } = await scene.conversation([bob, me]);
    await fill(id, 1);
    const invented = Object.fromEntries(upTo(9_000).map((n) => [`${'€'.repeat(50)}${n}`, 0]));
    const { sync: answer, heads } = await sync(me, { ...invented, [id]: { seq: 0, rev: 1 } });
    expect(bytes({ answer, heads })).toBeLessThan(800_000);
    expect(answer.has_more).toBe(true);
    expect(answer.gone.length).toBeGreaterThan(1_000);
    expect(seqs(answer.conversations[id]?.messages)).toEqual([1]);
  });
});
