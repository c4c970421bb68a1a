import {
  ChangeBlock,
  type ConversationId,
  CreateConversation,
  DeleteConversation,
  GetConversation,
  ListConversations,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { codeOf, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';
import { RecordingEventBus } from '../recording-event-bus.fake';

let database: TestDatabase;
let bus: RecordingEventBus;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let count = 0;

beforeAll(async () => {
  database = await testDatabase();
  bus = new RecordingEventBus();
  here = await startMessaging(database.url, bus);
  there = await startMessaging(database.url, bus);
  scene = new Scene(here);
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

/** Two users whom nothing joins yet. */
const pair = async () => {
  count++;
  return (await scene.users(`one${count}`, `other${count}`)) as [UserId, UserId];
};
const open = (creatorId: UserId, other: UserId, process = here) =>
  process.rpc.call(CreateConversation, { creatorId, conversation: { type: 'direct', participant_ids: [other] } });
const block = (userId: UserId, blockedId: UserId, isBlocked = true, process = here) =>
  process.rpc.call(ChangeBlock, { userId, blockedId, isBlocked });
const listed = async (userId: UserId) =>
  (await here.rpc.call(ListConversations, { userId, limit: 50, page: 1 })).conversations.map(({ id }) => id);
const hide = (userId: UserId, conversationId: ConversationId) =>
  here.rpc.call(DeleteConversation, { userId, conversationId });

describe('hiding', () => {
  it('takes it out of the own list alone, until the next message, and announces nothing', async () => {
    const [one, other] = await pair();
    const { id } = (await open(one, other)).conversation;
    await scene.send({ conversationId: id, senderId: other });
    await hide(one, id);
    await hide(one, id);
    expect([await listed(one), await listed(other)]).toEqual([[], [id]]);
    const { conversation } = await here.rpc.call(GetConversation, { userId: one, conversationId: id });
    expect(conversation).toMatchObject({ is_deleted: false, rev: 2, unread_count: 1 });
    const { message } = await scene.send({ conversationId: id, senderId: other });
    expect([await listed(one), await listed(other)]).toEqual([[id], [id]]);
    await bus.heard(id, message.rev);
    expect(bus.revsOf(id)).toEqual([2, 3]);
  });

  it('ends when one opens it again, or writes', async () => {
    const [one, other] = await pair();
    const { id } = (await open(one, other)).conversation;
    await hide(one, id);
    await hide(other, id);
    expect(await open(other, one)).toMatchObject({ created: false, conversation: { id } });
    expect([await listed(one), await listed(other)]).toEqual([[], [id]]);
    await scene.send({ conversationId: id, senderId: one });
    expect(await listed(one)).toEqual([id]);
  });
});

describe('a block', () => {
  it('lets only the blocker open a conversation, in which the other is silent', async () => {
    const [one, other] = await pair();
    await block(one, other);
    expect(await codeOf(open(other, one))).toBe('user_blocked');
    const { id } = (await open(one, other)).conversation;
    expect(await codeOf(scene.send({ conversationId: id, senderId: other }))).toBe('user_blocked');
    expect((await scene.send({ conversationId: id, senderId: one })).message.seq).toBe(1);
  });

  it('keeps the blocked one from opening what exists, but not from reading it', async () => {
    const [one, other] = await pair();
    const { id } = (await open(other, one)).conversation;
    await block(one, other);
    expect(await codeOf(open(other, one))).toBe('user_blocked');
    expect(await open(one, other)).toMatchObject({ created: false, conversation: { id } });
    expect(await listed(other)).toEqual([id]);
    await block(one, other, false);
    expect(await open(other, one)).toMatchObject({ created: false, conversation: { id } });
  });

  it('leaves groups alone', async () => {
    const [one, other] = await pair();
    await block(one, other);
    const { id } = await scene.conversation([other, one]);
    expect((await scene.send({ conversationId: id, senderId: other })).message.seq).toBe(1);
  });

  it('is never missed by a conversation that is opened at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const [one, other] = await pair();
      const opener = round % 2 === 0 ? one : other;
      const [opening] = await Promise.all([
        open(opener, opener === one ? other : one, here).catch(() => undefined),
        block(one, other, true, there),
      ]);
      if (opening === undefined) continue;
      const { id } = opening.conversation;
      expect(await codeOf(scene.send({ conversationId: id, senderId: other }))).toBe('user_blocked');
    }
  });
});
