import { type ConversationId, DeleteMessage, EditMessage, ListEdits, MessageEdited } from '@parley/contracts';
import type { MessageId, MessageView, Metadata, UserId } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { maxMessageLength, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
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

const edit = async (messageId: MessageId, content: string, metadata: Metadata | null = null, userId = alice) =>
  (await process.rpc.call(EditMessage, { userId, messageId, content, metadata })).message;
const historyOf = async (messageId: MessageId, userId = bob) =>
  (await process.rpc.call(ListEdits, { userId, messageId })).history;
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

async function aMessage(fields: object = {}): Promise<{ id: ConversationId; message: MessageView }> {
  const { id } = await scene.conversation([alice, bob]);
  const { message } = await scene.send({ conversationId: id, content: 'first', ...fields });
  return { id, message };
}

describe('an edit', () => {
  it('answers and announces the message as it is now, under the next rev', async () => {
    const { id, message } = await aMessage({ metadata: { a: 1 } });
    const edited = await edit(message.id, 'second');
    expect(edited).toMatchObject({
      id: message.id,
      seq: message.seq,
      rev: message.rev + 1,
      content: 'second',
      metadata: { a: 1 },
      created_at: message.created_at,
      is_edited: true,
      updated_at: edited.edited_at,
    });
    await bus.heard(id, edited.rev);
    const [event] = bus.of(MessageEdited, id);
    expect(event).toMatchObject({
      conversationId: id,
      rev: edited.rev,
      message: { id: message.id, content: 'second' },
    });
    expect(event?.message).not.toHaveProperty('is_read');
  });

  it('keeps what the message said before, oldest first, with when it was replaced', async () => {
    const { message } = await aMessage();
    expect(await historyOf(message.id)).toEqual([]);
    const second = await edit(message.id, 'second');
    const third = await edit(message.id, 'third');
    expect(await historyOf(message.id)).toEqual([
      { content: 'first', edited_at: second.edited_at },
      { content: 'second', edited_at: third.edited_at },
    ]);
  });

  it('replaces metadata where it names some, and keeps no content that stays', async () => {
    const { message } = await aMessage({ metadata: { a: 1, b: 2 } });
    const edited = await edit(message.id, 'first', { b: 3 });
    expect(edited).toMatchObject({ metadata: { b: 3 }, is_edited: true, rev: message.rev + 1 });
    expect(await historyOf(message.id)).toEqual([]);
  });

  it('changes nothing where the message says that already', async () => {
    const { id, message } = await aMessage({ metadata: { a: 1, b: { c: 2 } } });
    expect(await edit(message.id, 'first')).toMatchObject({ rev: message.rev, is_edited: false, edited_at: null });
    expect(await edit(message.id, 'first', { b: { c: 2 }, a: 1 })).toMatchObject({ rev: message.rev });
    const { rev } = await edit(message.id, 'second');
    await bus.heard(id, rev);
    expect(bus.of(MessageEdited, id)).toHaveLength(1);
    expect(rev).toBe(message.rev + 1);
  });

  it('mentions whom the new content names, and no longer whom only the earlier one did', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    const { message } = await scene.send({ conversationId: id, content: 'first @bob' });
    expect(message.mentions).toEqual([bob]);
    const rows = async () =>
      (await database.query<{ user_id: string }>('SELECT user_id FROM mentions WHERE conversation_id = $1', [id]))
        .map(({ user_id }) => user_id)
        .sort();
    expect(await edit(message.id, '@carol and @bob')).toMatchObject({
      mentions: [carol, bob],
      mentions_everyone: false,
    });
    expect(await rows()).toEqual([bob, carol]);
    expect(await edit(message.id, '@all')).toMatchObject({ mentions_everyone: true });
    expect(await rows()).toEqual(['']);
    expect(await edit(message.id, '@carol')).toMatchObject({ mentions: [carol], mentions_everyone: false });
    expect(await rows()).toEqual([carol]);
    expect(await edit(message.id, 'nobody')).toMatchObject({ mentions: [] });
    expect(await rows()).toEqual([]);
  });

  it('goes on mentioning whom the send mentioned beside those that its content named', async () => {
    const { id } = await scene.conversation([alice, bob, carol]);
    const { message } = await scene.send({ conversationId: id, content: 'first @bob', mentions: [bob, carol] });
    expect(await edit(message.id, 'second')).toMatchObject({ mentions: [carol] });
    expect(await edit(message.id, 'third @bob')).toMatchObject({ mentions: [bob, carol] });
    await database.query('UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
      id,
      carol,
    ]);
    expect(await edit(message.id, 'fourth')).toMatchObject({ mentions: [] });
  });

  it('leaves the key with the message as it was first sent', async () => {
    const request = { key: { by: 'client' as const, id: 'k' }, content: 'first' };
    const { id, message } = await aMessage(request);
    await edit(message.id, 'second');
    const again = await scene.send({ conversationId: id, ...request });
    expect(again).toMatchObject({ duplicate: true, message: { id: message.id, content: 'second', is_edited: true } });
    expect(await codeOf(scene.send({ conversationId: id, ...request, content: 'second' }))).toBe(
      'idempotency_mismatch',
    );
  });

  it('is never dated before the message, though the clock went backwards', async () => {
    const { message } = await aMessage();
    const later = `now() + interval '1 hour'`;
    await database.query(`UPDATE messages SET created_at = ${later}, updated_at = ${later} WHERE id = $1`, [
      message.id,
    ]);
    const edited = await edit(message.id, 'second');
    expect(Date.parse(edited.edited_at ?? '')).toBeGreaterThanOrEqual(Date.parse(edited.created_at));
  });
});

describe('refusals', () => {
  it.each<[string, string, string]>([
    [
      'after the window',
      'edit_window_over',
      `UPDATE messages SET created_at = created_at - interval '901 s' WHERE id = $1`,
    ],
    ['of another type', 'message_not_editable', `UPDATE messages SET message_type = 'file' WHERE id = $1`],
    ['of one who is muted', 'participant_muted', ofSender('is_muted = true')],
    ['of one who is blocked', 'user_blocked', ofSender('is_blocked = true')],
    ['of one who left', 'not_a_participant', ofSender('left_at = now()')],
    [
      'in a deleted conversation',
      'message_not_found',
      `UPDATE conversations SET deleted_at = now() WHERE id = (SELECT conversation_id FROM messages WHERE id = $1)`,
    ],
  ])('refuses an edit %s with %s, and changes nothing', async (_case, code, change) => {
    const { message } = await aMessage();
    await database.query(change, [message.id]);
    expect(await codeOf(edit(message.id, 'second'))).toBe(code);
    expect(await database.query('SELECT content, rev::int4 FROM messages WHERE id = $1', [message.id])).toEqual([
      { content: 'first', rev: message.rev },
    ]);
  });

  it('refuses an edit of what is nowhere, of another’s message, of a stranger, and of too many characters', async () => {
    const { message } = await aMessage();
    expect(await codeOf(edit('999999999' as MessageId, 'second'))).toBe('message_not_found');
    expect(await codeOf(edit(message.id, 'second', null, bob))).toBe('not_the_sender');
    expect(await codeOf(edit(message.id, 'second', null, carol))).toBe('not_a_participant');
    expect(await codeOf(edit(message.id, 'é'.repeat(maxMessageLength + 1)))).toBe('content_too_long');
  });

  it('refuses an edit of what was deleted, of which no earlier content is left', async () => {
    const { message } = await aMessage();
    await edit(message.id, 'second');
    await process.rpc.call(DeleteMessage, { userId: alice, messageId: message.id });
    expect(await codeOf(edit(message.id, 'third'))).toBe('message_deleted');
    expect(await historyOf(message.id)).toEqual([]);
  });

  it('shows earlier contents to participants alone', async () => {
    const { message } = await aMessage();
    await edit(message.id, 'second');
    expect(await codeOf(historyOf(message.id, carol))).toBe('not_a_participant');
    expect(await codeOf(historyOf('999999999' as MessageId))).toBe('message_not_found');
  });

  it('answers as many of the latest contents as an answer holds', async () => {
    const { id, message } = await aMessage();
    await database.query(
      `INSERT INTO edits (conversation_id, seq, rev, content, edited_at)
       SELECT $1, $2, 1000 + n, n || repeat('x', 50000), now() FROM generate_series(1, 30) n`,
      [id, message.seq],
    );
    const history = await historyOf(message.id);
    expect(history.length).toBeLessThan(30);
    expect(history.map(({ content }) => parseInt(content))).toEqual(
      Array.from({ length: history.length }, (_, i) => 31 - history.length + i),
    );
  });
});

/** A change of the participant who sent message $1. */
function ofSender(change: string): string {
  return `UPDATE participants p SET ${change} FROM messages m
    WHERE m.id = $1 AND p.conversation_id = m.conversation_id AND p.user_id = m.sender_id`;
}
