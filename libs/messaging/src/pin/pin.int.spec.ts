import {
  type ConversationId,
  type ConversationType,
  DeleteMessage,
  ListPins,
  type MessageId,
  MessagePinned,
  type MessageView,
  MessageUnpinned,
  PinMessage,
  type RequestOf,
  UnpinMessage,
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

const pin = async (messageId: MessageId, userId = alice) =>
  (await process.rpc.call(PinMessage, { userId, messageId })).message;
const unpin = async (messageId: MessageId, userId = alice) =>
  (await process.rpc.call(UnpinMessage, { userId, messageId })).message;
const list = (conversationId: ConversationId, fields: Partial<RequestOf<typeof ListPins>> = {}) =>
  process.rpc.call(ListPins, { userId: bob, conversationId, limit: 50, page: 1, ...fields });

/** Messages of Alice's in a conversation that she opened with Bob. */
async function messages(
  count = 1,
  type: ConversationType = 'group',
): Promise<{ id: ConversationId; all: MessageView[]; message: MessageView }> {
  const { id } = await scene.conversation([alice, bob], type);
  const all: MessageView[] = [];
  for (let n = 0; n < count; n++) all.push((await scene.send({ conversationId: id, content: `message ${n}` })).message);
  return { id, all, message: all[0] as MessageView };
}

describe('a pin', () => {
  it('changes the message under the next rev and is announced with it, as its end is', async () => {
    const { id, message } = await messages();
    const pinned = await pin(message.id);
    expect(pinned).toMatchObject({ rev: message.rev + 1, updated_at: message.updated_at });
    expect(pinned.pinned_at).not.toBeNull();
    const unpinned = await unpin(message.id);
    expect(unpinned).toMatchObject({ rev: message.rev + 2, pinned_at: null });
    await bus.heard(id, unpinned.rev);
    const payload = { v: 1, conversationId: id, userId: alice };
    expect(bus.of(MessagePinned, id)).toEqual([
      { ...payload, rev: pinned.rev, message: { ...message, rev: pinned.rev, pinned_at: pinned.pinned_at } },
    ]);
    expect(bus.of(MessageUnpinned, id)).toEqual([
      { ...payload, rev: unpinned.rev, message: { ...message, rev: unpinned.rev } },
    ]);
  });

  it('of what is pinned, and the end of none, change nothing', async () => {
    const { id, message } = await messages();
    expect(await unpin(message.id)).toMatchObject({ rev: message.rev });
    const { rev, pinned_at } = await pin(message.id);
    expect(await pin(message.id)).toMatchObject({ rev, pinned_at });
    const { message: next } = await scene.send({ conversationId: id });
    expect(next.rev).toBe(rev + 1);
    await bus.heard(id, next.rev);
    expect(bus.revsOf(id)).toEqual([message.rev, rev, next.rev]);
  });

  it('is for moderators and admins, and for either side of a direct conversation', async () => {
    const { id, message } = await messages();
    expect(await codeOf(pin(message.id, bob))).toBe('insufficient_role');
    expect(await codeOf(unpin(message.id, bob))).toBe('insufficient_role');
    await database.query(`UPDATE participants SET role = 'moderator' WHERE conversation_id = $1 AND user_id = 'bob'`, [
      id,
    ]);
    expect((await pin(message.id, bob)).pinned_at).not.toBeNull();
    const { message: direct } = await messages(1, 'direct');
    expect((await pin(direct.id, bob)).pinned_at).not.toBeNull();
    expect((await unpin(direct.id, alice)).pinned_at).toBeNull();
  });

  it('is refused to strangers, and of what is deleted or nowhere', async () => {
    const { id, message } = await messages();
    expect(await codeOf(pin(message.id, carol))).toBe('not_a_participant');
    expect(await codeOf(pin('999999999' as MessageId))).toBe('message_not_found');
    await process.rpc.call(DeleteMessage, { userId: alice, messageId: message.id });
    expect(await codeOf(pin(message.id))).toBe('message_deleted');
    expect(await unpin(message.id)).toMatchObject({ is_deleted: true, pinned_at: null });
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [id]);
    expect(await codeOf(unpin(message.id))).toBe('message_not_found');
  });
});

describe('the list of pins', () => {
  it('has the latest pin first, as its reader sees it, in pages that meet without gaps and repeats', async () => {
    const { id, all } = await messages(7);
    const order = [3, 0, 6, 1, 5].map((n) => all[n]?.id as MessageId);
    for (const messageId of order) await pin(messageId);
    // Pinned in the same millisecond: the newer message comes first.
    await database.query(
      `UPDATE messages m SET pinned_at = (SELECT max(o.pinned_at) FROM messages o WHERE o.conversation_id = m.conversation_id)
       WHERE m.conversation_id = $1 AND m.seq IN (2, 6)`,
      [id],
    );
    const expected = [6, 2, 7, 1, 4];
    const whole = await list(id);
    expect(whole).toMatchObject({ hasMore: false, nextCursor: null });
    expect(whole.messages.map(({ seq }) => seq)).toEqual(expected);
    expect(whole.messages[0]).toMatchObject({ content: 'message 5', is_read: false });
    const seqs: number[] = [];
    let cursor: string | undefined;
    do {
      const { messages, nextCursor, hasMore } = await list(id, { limit: 2, ...(cursor !== undefined && { cursor }) });
      seqs.push(...messages.map(({ seq }) => seq));
      expect(hasMore).toBe(nextCursor !== null);
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seqs).toEqual(expected);
    expect((await list(id, { limit: 2, page: 2 })).messages.map(({ seq }) => seq)).toEqual([7, 1]);
    expect((await list(id, { limit: 2, page: 4 })).messages).toEqual([]);
  });

  it('forgets what is taken down or deleted', async () => {
    const { id, all } = await messages(3);
    for (const { id: messageId } of all) await pin(messageId);
    await unpin(all[0]?.id as MessageId);
    await process.rpc.call(DeleteMessage, { userId: alice, messageId: all[2]?.id as MessageId });
    expect((await list(id)).messages.map(({ seq }) => seq)).toEqual([2]);
  });

  it('ends early where its messages would not fit into an answer', async () => {
    const { id, all } = await messages(3);
    await database.query(`UPDATE messages SET content = repeat('x', 400000) WHERE conversation_id = $1`, [id]);
    for (const { id: messageId } of all) await pin(messageId);
    const first = await list(id);
    expect(first).toMatchObject({ hasMore: true, messages: [{ seq: 3 }] });
    const second = await list(id, { cursor: first.nextCursor as string });
    expect(second).toMatchObject({ hasMore: true, messages: [{ seq: 2 }] });
  });

  it('is for participants, and takes no cursor that is none', async () => {
    const { id } = await messages();
    expect(await codeOf(list(id, { userId: carol }))).toBe('not_a_participant');
    expect(await codeOf(list('999999999' as ConversationId))).toBe('conversation_not_found');
    expect(await codeOf(list(id, { cursor: 'garbage' }))).toBe('validation_failed');
  });
});
