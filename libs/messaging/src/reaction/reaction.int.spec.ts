import { AddReaction, type ConversationId, DeleteMessage, type MessageId, type MessageView } from '@parley/contracts';
import { ReactionAdded, ReactionRemoved, RemoveReaction, type UserId } from '@parley/contracts';
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

const react = async (messageId: MessageId, userId: UserId, emoji = '👍') =>
  (await process.rpc.call(AddReaction, { userId, messageId, emoji })).message;
const unreact = async (messageId: MessageId, userId: UserId, emoji = '👍') =>
  (await process.rpc.call(RemoveReaction, { userId, messageId, emoji })).message;

async function aMessage(): Promise<{ id: ConversationId; message: MessageView }> {
  const { id } = await scene.conversation([alice, bob]);
  return { id, message: (await scene.send({ conversationId: id })).message };
}

describe('a reaction', () => {
  it('is there once for each user and emoji, in the order of their coming', async () => {
    const { message } = await aMessage();
    await react(message.id, bob, '🎉');
    await react(message.id, alice, '👍');
    expect((await react(message.id, bob, '👍')).reactions).toEqual({
      '🎉': { count: 1, user_ids: [bob], me: true },
      '👍': { count: 2, user_ids: [alice, bob], me: true },
    });
    expect((await react(message.id, alice, '👍')).reactions).toEqual({
      '🎉': { count: 1, user_ids: [bob], me: false },
      '👍': { count: 2, user_ids: [alice, bob], me: true },
    });
  });

  it('changes the message under the next rev, and is announced; what the message says is not newer for it', async () => {
    const { id, message } = await aMessage();
    const added = await react(message.id, bob);
    const removed = await unreact(message.id, bob);
    expect([added.rev, removed.rev]).toEqual([message.rev + 1, message.rev + 2]);
    expect(removed).toMatchObject({ reactions: {}, updated_at: message.updated_at, is_edited: false });
    await bus.heard(id, removed.rev);
    const payload = { v: 1, conversationId: id, messageId: message.id, seq: message.seq, userId: bob, emoji: '👍' };
    expect(bus.of(ReactionAdded, id)).toEqual([{ ...payload, rev: added.rev }]);
    expect(bus.of(ReactionRemoved, id)).toEqual([{ ...payload, rev: removed.rev }]);
  });

  it('that is there already, and the removal of one that is not, change nothing', async () => {
    const { id, message } = await aMessage();
    expect(await unreact(message.id, bob)).toMatchObject({ rev: message.rev, reactions: {} });
    const { rev } = await react(message.id, bob);
    expect(await react(message.id, bob)).toMatchObject({ rev, reactions: { '👍': { count: 1, me: true } } });
    expect(await unreact(message.id, alice)).toMatchObject({ rev });
    const next = await scene.send({ conversationId: id });
    expect(next.message.rev).toBe(rev + 1);
    await bus.heard(id, next.message.rev);
    expect(bus.revsOf(id)).toEqual([message.rev, rev, rev + 1]);
  });

  it.each(['constructor', 'toString', '👩‍👩‍👧‍👦', ' x ', 'é'])('may be %j as much as any other text', async (emoji) => {
    const { message } = await aMessage();
    await react(message.id, bob, emoji);
    expect(await react(message.id, bob, emoji)).toMatchObject({ rev: message.rev + 1 });
    const rows = await database.query('SELECT emoji FROM reactions WHERE conversation_id = $1', [
      message.conversation_id,
    ]);
    expect(rows).toEqual([{ emoji }]);
    expect(Object.keys((await react(message.id, bob, emoji)).reactions)).toEqual([emoji]);
  });
});

describe('refusals', () => {
  it('refuses the twenty-first emoji, not another user of one that is there', async () => {
    const { message } = await aMessage();
    for (let n = 1; n <= 20; n++) await react(message.id, bob, `e${n}`);
    expect(await codeOf(react(message.id, bob, 'e21'))).toBe('too_many_reactions');
    expect(await codeOf(react(message.id, alice, 'e21'))).toBe('too_many_reactions');
    expect((await react(message.id, alice, 'e20')).reactions['e20']).toMatchObject({ count: 2 });
    await unreact(message.id, bob, 'e1');
    expect(Object.keys((await react(message.id, alice, 'e21')).reactions)).toHaveLength(20);
  });

  it('lets the muted and the blocked take back what they gave, not add more', async () => {
    const { id, message } = await aMessage();
    await react(message.id, bob);
    for (const [column, code] of [
      ['is_muted', 'participant_muted'],
      ['is_blocked', 'user_blocked'],
    ] as const) {
      await database.query(`UPDATE participants SET ${column} = true WHERE conversation_id = $1 AND user_id = 'bob'`, [
        id,
      ]);
      expect(await codeOf(react(message.id, bob, '🎉'))).toBe(code);
      await database.query(`UPDATE participants SET ${column} = false WHERE conversation_id = $1`, [id]);
    }
    await database.query(`UPDATE participants SET is_muted = true WHERE conversation_id = $1`, [id]);
    expect((await unreact(message.id, bob)).reactions).toEqual({});
  });

  it('refuses reactions to a deleted message; there are none to take back', async () => {
    const { message } = await aMessage();
    await react(message.id, bob);
    const { message: tombstone } = await process.rpc.call(DeleteMessage, { userId: alice, messageId: message.id });
    expect(await codeOf(react(message.id, bob))).toBe('message_deleted');
    expect(await unreact(message.id, bob)).toMatchObject({ rev: tombstone.rev, reactions: {} });
  });

  it('refuses strangers, and knows no message that is not there', async () => {
    const { id, message } = await aMessage();
    expect(await codeOf(react(message.id, carol))).toBe('not_a_participant');
    expect(await codeOf(unreact(message.id, carol))).toBe('not_a_participant');
    expect(await codeOf(react('999999999' as MessageId, alice))).toBe('message_not_found');
    await database.query('UPDATE conversations SET deleted_at = now() WHERE id = $1', [id]);
    expect(await codeOf(unreact(message.id, alice))).toBe('message_not_found');
  });
});
