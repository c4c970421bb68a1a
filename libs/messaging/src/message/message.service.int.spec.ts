import { randomBytes } from 'node:crypto';
import {
  AddReaction,
  type ConversationId,
  EditMessage,
  type MessageId,
  type MessageView,
  PinMessage,
  type RequestOf,
  type SendMessage,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, maxMessageLength, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';
import { MessageService } from './message.service';

jest.setTimeout(60_000);

let database: TestDatabase;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;

beforeAll(async () => {
  database = await testDatabase();
  here = await startMessaging(database.url);
  there = await startMessaging(database.url);
  scene = new Scene(here);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

const send = (process: MessagingProcess, fields: Partial<RequestOf<typeof SendMessage>>) =>
  sendMessage(process.rpc, aSend(fields));
const byClient = (id: string) => ({ by: 'client' as const, id });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

interface StoredRow {
  seq: number;
  rev: number;
  id: number;
  content: string;
  created_at: string;
}
const stored = (conversationId: ConversationId) =>
  database.query<StoredRow>(
    `SELECT seq::int4, rev::int4, id::int4, content, created_at FROM messages WHERE conversation_id = $1 ORDER BY seq`,
    [conversationId],
  );
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('sending', () => {
  it('answers with the message as everybody sees it', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const { message: first } = await scene.send({ conversationId: id, content: 'one' });
    const { message, duplicate } = await scene.send({
      conversationId: id,
      senderId: bob,
      content: '👋 two',
      key: byClient('k1'),
      replyToId: first.id,
      metadata: { b: 1, a: [null, 'x'] },
    });
    expect(duplicate).toBe(false);
    expect(message).toEqual({
      id: expect.stringMatching(/^\d+$/) as MessageView['id'],
      conversation_id: id,
      seq: 2,
      rev: 3,
      sender_id: bob,
      sender_name: 'BOB',
      sender_avatar_url: null,
      content: '👋 two',
      message_type: 'text',
      reply_to_id: first.id,
      reply_to_content: 'one',
      thread_root_id: null,
      thread: null,
      attachments: [],
      reactions: {},
      mentions: [],
      mentions_everyone: false,
      edited_at: null,
      deleted_at: null,
      pinned_at: null,
      metadata: { b: 1, a: [null, 'x'] },
      client_message_id: 'k1',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      updated_at: message.created_at,
      is_edited: false,
      is_deleted: false,
      status: 'sent',
    } satisfies MessageView);
  });

  it('keeps the order of every sender and leaves no gaps, with twenty senders in two processes', async () => {
    const names = upTo(20).map((i) => `sender${i}`);
    const senders = await scene.users(...names);
    const conversations = await Promise.all(upTo(5).map(() => scene.conversation(senders)));
    const perSender = 10;
    await Promise.all(
      conversations.flatMap(({ id }) =>
        senders.map(async (senderId, i) => {
          // Not awaited one by one: the process has to keep the order of arrival.
          const process = i % 2 === 0 ? here : there;
          await Promise.all(
            upTo(perSender).map((n) => send(process, { conversationId: id, senderId, content: `${senderId} ${n}` })),
          );
        }),
      ),
    );
    for (const { id } of conversations) {
      const rows = await stored(id);
      expect(rows.map((row) => row.seq)).toEqual(upTo(senders.length * perSender));
      expect(rows.map((row) => row.rev)).toEqual(rows.map((row) => row.seq + 1));
      expect(rows.map((row) => row.id)).toEqual(rows.map((row) => row.id).sort((a, b) => a - b));
      expect(rows.map((row) => row.created_at)).toEqual(rows.map((row) => row.created_at).sort());
      for (const sender of senders) {
        const own = rows.map((row) => row.content).filter((content) => content.startsWith(`${sender} `));
        expect(own).toEqual(upTo(perSender).map((n) => `${sender} ${n}`));
      }
    }
  });

  it('takes the sender along: what one sends or has seen before is not unread', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await scene.send({ conversationId: id, senderId: alice });
    await scene.send({ conversationId: id, senderId: bob });
    await scene.send({ conversationId: id, senderId: alice });
    const rows = await database.query(
      `SELECT user_id, last_read_seq::int4, last_delivered_seq::int4, last_read_at IS NOT NULL AS has_time
       FROM participants WHERE conversation_id = $1 ORDER BY user_id`,
      [id],
    );
    expect(rows).toEqual([
      { user_id: 'alice', last_read_seq: 3, last_delivered_seq: 3, has_time: true },
      { user_id: 'bob', last_read_seq: 2, last_delivered_seq: 2, has_time: true },
    ]);
  });

  it('never dates a message before an earlier one, though the clock went backwards', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await database.query(`UPDATE conversations SET last_message_at = now() + interval '1 hour' WHERE id = $1`, [id]);
    const { message: first } = await scene.send({ conversationId: id });
    const { message: second } = await scene.send({ conversationId: id });
    expect(Date.parse(first.created_at)).toBeGreaterThan(Date.now() + 3_000_000);
    expect(second.created_at >= first.created_at).toBe(true);
  });
});

describe('refusals', () => {
  const ofBob = `WHERE conversation_id = $1 AND user_id = 'bob'`;
  it.each([
    [
      'to a deleted conversation',
      'conversation_not_found',
      `UPDATE conversations SET deleted_at = now() WHERE id = $1`,
    ],
    ['of one who left', 'not_a_participant', `UPDATE participants SET left_at = now() ${ofBob}`],
    ['of one who is muted', 'participant_muted', `UPDATE participants SET is_muted = true ${ofBob}`],
    ['of one who is blocked', 'user_blocked', `UPDATE participants SET is_blocked = true ${ofBob}`],
    ['where moderators post', 'posting_restricted', `UPDATE conversations SET posting = 'moderators' WHERE id = $1`],
  ])('refuses a message %s with %s and stores nothing', async (_case, code, change) => {
    const { id } = await scene.conversation([alice, bob]);
    await database.query(change, [id]);
    expect(await codeOf(scene.send({ conversationId: id, senderId: bob }))).toBe(code);
    expect(await stored(id)).toEqual([]);
  });

  it.each<[string, string, Partial<RequestOf<typeof SendMessage>>]>([
    ['to nobody', 'conversation_not_found', { conversationId: '999999999' as ConversationId }],
    ['of a stranger', 'not_a_participant', { senderId: 'stranger' as UserId }],
    ['as a reply to nothing', 'reply_target_not_found', { replyToId: '999999999' as MessageView['id'] }],
    ['of a type of the server’s own', 'message_type_not_allowed', { messageType: 'system' }],
    ['of an unknown type', 'message_type_not_allowed', { messageType: 'poll' }],
    ['of a type that needs an attachment', 'attachment_mismatch', { messageType: 'image' }],
    ['of nothing', 'validation_failed', { content: '' }],
    ['of too many characters', 'content_too_long', { content: 'é'.repeat(maxMessageLength + 1) }],
  ])('refuses a message %s with %s and stores nothing', async (_case, code, fields) => {
    await scene.user('stranger');
    const { id } = await scene.conversation([alice, bob]);
    expect(await codeOf(scene.send({ conversationId: id, ...fields }))).toBe(code);
    expect(await stored(id)).toEqual([]);
  });

  it('takes messages of the types that the deployment declares', async () => {
    const custom = await startMessaging(database.url, undefined, {
      env: { CUSTOM_MESSAGE_TYPES: 'poll, session_invite' },
    });
    const { id } = await scene.conversation([alice, bob]);
    const { message } = await send(custom, { conversationId: id, messageType: 'session_invite' });
    expect(message.message_type).toBe('session_invite');
    expect(await codeOf(send(custom, { conversationId: id, messageType: 'session' }))).toBe('message_type_not_allowed');
    await custom.close();
  });

  it('lets admins post where moderators post', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await database.query(`UPDATE conversations SET posting = 'moderators' WHERE id = $1`, [id]);
    expect((await scene.send({ conversationId: id, senderId: alice })).message.seq).toBe(1);
  });

  it('counts characters, not UTF-16 units', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const content = '👋'.repeat(maxMessageLength);
    expect((await scene.send({ conversationId: id, content })).message.content).toBe(content);
  });

  it('refuses a reply to a message of another conversation', async () => {
    const [one, other] = await Promise.all([scene.conversation([alice, bob]), scene.conversation([alice, bob])]);
    const { message } = await scene.send({ conversationId: one.id });
    expect(await codeOf(scene.send({ conversationId: other.id, replyToId: message.id }))).toBe(
      'reply_target_not_found',
    );
  });

  it('fails one row that the database refuses, and stores the others of its batch in order', async () => {
    const { id } = await scene.conversation([alice, bob]);
    // The edge lets no NUL through; what else the database might refuse comes the same way.
    const service = here.get(MessageService);
    const deadlineAt = Date.now() + 5_000;
    const contents = ['a', 'b', 'c\0', 'd', 'e'];
    const results = await Promise.allSettled(
      contents.map((content) => service.send(aSend({ conversationId: id, content }), deadlineAt)),
    );
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect((await stored(id)).map((row) => [row.seq, row.content])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'd'],
      [4, 'e'],
    ]);
  });

  it.each<[string, Partial<RequestOf<typeof SendMessage>>]>([
    ['an id that is none', { conversationId: 'seven' as ConversationId }],
    ['an id beyond bigint', { conversationId: '9223372036854775808' as ConversationId }],
    ['a user with a NUL', { senderId: 'a\0b' as UserId }],
    ['a key with a NUL', { key: byClient('k\0') }],
    ['a key beyond what an index holds', { key: byClient(randomBytes(8_000).toString('hex')) }],
    ['a reply to an id that is none', { replyToId: '1.5' as MessageId }],
    ['metadata with a NUL', { metadata: { a: '\0' } }],
  ])('refuses what no gateway lets pass, alone: %s', async (_, wrong) => {
    const { id } = await scene.conversation([alice, bob]);
    const service = here.get(MessageService);
    const deadlineAt = Date.now() + 5_000;
    const sends = [{ content: 'a' }, wrong, { content: 'b' }].map((fields) =>
      service.send(aSend({ conversationId: id, ...fields }), deadlineAt),
    );
    expect(await codeOf(sends[1] as Promise<unknown>)).toBe('validation_failed');
    await Promise.all([sends[0], sends[2]]);
    expect((await stored(id)).map((row) => row.content)).toEqual(['a', 'b']);
  });

  it('writes nothing after the deadline', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const sending = here.get(MessageService).send(aSend({ conversationId: id }), Date.now() - 1);
    expect(await codeOf(sending)).toBe('service_unavailable');
    expect(await stored(id)).toEqual([]);
  });
});

describe('repetitions', () => {
  it('stores a message once that is sent many times at once, in one process and in another', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, key: byClient('same'), content: 'once' };
    const results = await Promise.all(upTo(20).map((i) => send(i % 2 === 0 ? here : there, request)));
    expect(new Set(results.map(({ message }) => message.id)).size).toBe(1);
    expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await stored(id)).toHaveLength(1);
  });

  it('answers a later repetition with the first message, in every process', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, key: byClient('later'), content: 'first' };
    const { message } = await send(here, request);
    await send(here, { conversationId: id });
    expect(await send(here, request)).toEqual({ message, duplicate: true });
    expect(await send(there, request)).toEqual({ message, duplicate: true });
  });

  it('answers repetitions and stores the new ones of one batch, in their order', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const old = await Promise.all(
      upTo(3).map((n) => send(here, { conversationId: id, key: byClient(`old${n}`), content: `old ${n}` })),
    );
    const batch = ['new1', 'old2', 'new2', 'old1', 'new3'];
    const results = await Promise.all(
      batch.map((key) => send(there, { conversationId: id, key: byClient(key), content: key.replace(/(\d)/, ' $1') })),
    );
    expect(results.map(({ duplicate }) => duplicate)).toEqual([false, true, false, true, false]);
    expect(results[1]?.message).toEqual(old[1]?.message);
    expect((await stored(id)).map((row) => row.content)).toEqual([
      'old 1',
      'old 2',
      'old 3',
      'new 1',
      'new 2',
      'new 3',
    ]);
  });

  it('refuses another message under a key that was used, in every process and while the first is on its way', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, key: byClient('mine') };
    const [first, atOnce] = await Promise.all([
      send(here, { ...request, content: 'first' }),
      codeOf(send(here, { ...request, content: 'other' })),
    ]);
    expect(atOnce).toBe('idempotency_mismatch');
    expect(await codeOf(send(here, { ...request, content: 'other' }))).toBe('idempotency_mismatch');
    expect(await codeOf(send(there, { ...request, content: 'other' }))).toBe('idempotency_mismatch');
    expect(await codeOf(send(there, { ...request, content: 'first', metadata: { a: 1 } }))).toBe(
      'idempotency_mismatch',
    );
    expect((await stored(id)).map((row) => row.content)).toEqual([first.message.content]);
  });

  it('takes the same message for the same, whatever the order of its metadata', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, key: byClient('meta') };
    await send(here, { ...request, metadata: { a: 1, b: { c: 2, d: 3 } } });
    const { duplicate } = await send(there, { ...request, metadata: { b: { d: 3, c: 2 }, a: 1 } });
    expect(duplicate).toBe(true);
  });

  it('keeps the keys of clients, of the gateway and of other senders apart', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, content: 'x' };
    const results = [
      await send(here, { ...request, key: byClient('k') }),
      await send(here, { ...request, key: { by: 'gateway', id: 'k' } }),
      await send(here, { ...request, key: byClient('k'), senderId: bob }),
    ];
    expect(results.map(({ message }) => message.seq)).toEqual([1, 2, 3]);
    expect(results.map(({ message }) => message.client_message_id)).toEqual(['k', null, 'k']);
  });

  it('answers a repetition of what was stored before the sender was removed', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const request = { conversationId: id, senderId: bob, key: byClient('before') };
    const { message } = await send(here, request);
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`, [
      id,
    ]);
    expect(await send(there, request)).toEqual({ message, duplicate: true });
    expect(await codeOf(send(there, { ...request, content: 'after' }))).toBe('not_a_participant');
  });

  it.each([
    ['removed', `UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`],
    ['in a conversation that was deleted', `UPDATE conversations SET deleted_at = now() WHERE id = $1`],
  ])('tells a sender who is %s nothing of what came after', async (_, end) => {
    const { id } = await scene.conversation([alice, bob]);
    const { message: first } = await send(here, { conversationId: id });
    const request = { conversationId: id, senderId: bob, replyToId: first.id, key: byClient('before') };
    const { message } = await send(here, request);
    const { id: messageId } = message;
    await here.rpc.call(EditMessage, { userId: alice, messageId: first.id, content: 'a secret', metadata: null });
    await here.rpc.call(AddReaction, { userId: alice, messageId, emoji: '👍' });
    await here.rpc.call(PinMessage, { userId: alice, messageId });
    await send(here, { conversationId: id, threadRootId: messageId });
    const before = (await send(there, request)).message;
    expect(before).toMatchObject({ reply_to_content: 'a secret', reactions: { '👍': { count: 1 } } });
    await database.query(end, [id]);
    expect(await send(there, request)).toEqual({
      message: { ...message, reply_to_content: null, updated_at: before.updated_at },
      duplicate: true,
    });
  });
});
