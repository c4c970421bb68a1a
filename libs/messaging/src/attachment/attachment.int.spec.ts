import {
  AuthoriseDownload,
  AuthoriseUpload,
  type ConversationId,
  DeleteConversation,
  DeleteMessage,
  type FileId,
  type FileKind,
  FilterAttached,
  ListAttachments,
  RemoveParticipant,
  ScheduleMessage,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { FakeMedia } from '../media.fake';
import { aSend, codeOf, type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let mallory: UserId;
let id: ConversationId;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url, undefined, { controllers: [FakeMedia] });
  scene = new Scene(process);
  [alice, bob, mallory] = (await scene.users('alice', 'bob', 'mallory')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await database.drop();
});
beforeEach(async () => {
  id = (await scene.conversation([alice, bob])).id;
});

const call: MessagingProcess['rpc']['call'] = (...args) => process.rpc.call(...args);
const upload = (kind: FileKind = 'file') => process.get(FakeMedia).upload(alice, id, { kind });
const send = async (...fileIds: FileId[]) =>
  (await scene.send({ conversationId: id, senderId: alice, attachmentIds: fileIds })).message;

describe('who may upload', () => {
  const ask = (userId: UserId, conversationId = id) => codeOf(call(AuthoriseUpload, { userId, conversationId }));

  it('may also send', async () => {
    expect([await ask(alice), await ask(bob), await ask(mallory)]).toEqual([
      'no error',
      'no error',
      'not_a_participant',
    ]);
    expect(await ask(alice, '999999' as ConversationId)).toBe('conversation_not_found');
    await database.query('UPDATE participants SET is_muted = true WHERE conversation_id = $1 AND user_id = $2', [
      id,
      bob,
    ]);
    expect(await ask(bob)).toBe('participant_muted');
  });

  it('is a moderator where only moderators post, and nobody who is blocked', async () => {
    await database.query(`UPDATE conversations SET posting = 'moderators' WHERE id = $1`, [id]);
    expect([await ask(alice), await ask(bob)]).toEqual(['no error', 'posting_restricted']);
    const direct = (await scene.conversation([alice, bob], 'direct')).id;
    await database.query('UPDATE participants SET is_blocked = true WHERE conversation_id = $1 AND user_id = $2', [
      direct,
      bob,
    ]);
    expect([await ask(alice, direct), await ask(bob, direct)]).toEqual(['no error', 'user_blocked']);
  });
});

describe('who may have a file', () => {
  const ask = (userId: UserId | null, fileId: FileId) =>
    call(AuthoriseDownload, { userId, conversationId: id, fileId }).then(
      () => 'allowed',
      (error: unknown) => (error as { code: string }).code,
    );

  it('is a participant for as long as its message is there', async () => {
    const file = upload();
    expect([await ask(alice, file.id), await ask(null, file.id)]).toEqual(['allowed', 'allowed']);
    const message = await send(file.id);
    expect([await ask(bob, file.id), await ask(null, file.id)]).toEqual(['allowed', 'allowed']);
    expect(await ask(mallory, file.id)).toBe('not_a_participant');
    await call(DeleteMessage, { userId: alice, messageId: message.id });
    expect([await ask(bob, file.id), await ask(null, file.id)]).toEqual(['file_not_found', 'file_not_found']);
    expect(await ask(mallory, file.id)).toBe('not_a_participant');
  });

  it('is nobody who was removed, and nobody at all once the conversation is over', async () => {
    const file = upload();
    await send(file.id);
    await call(RemoveParticipant, { userId: alice, conversationId: id, participantId: bob });
    expect(await ask(bob, file.id)).toBe('not_a_participant');
    await call(DeleteConversation, { userId: alice, conversationId: id });
    expect([await ask(alice, file.id), await ask(null, file.id)]).toEqual(Array(2).fill('conversation_not_found'));
  });
});

describe('the files of a conversation', () => {
  const list = (fields: object = {}, userId = bob) =>
    call(ListAttachments, { userId, conversationId: id, limit: 10, page: 1, ...fields });

  it('are those in its messages, newest first, by kind and page by page', async () => {
    const [one, two, three, four] = [upload('image'), upload('file'), upload('image'), upload('image')];
    await send(one.id, two.id);
    const gone = await send(four.id);
    await send(three.id);
    await call(DeleteMessage, { userId: alice, messageId: gone.id });
    expect(await list()).toEqual({ files: [three, two, one], hasMore: false, nextCursor: null });
    expect((await list({ kind: 'image' })).files).toEqual([three, one]);
    expect((await list({ kind: 'voice' })).files).toEqual([]);
    const first = await list({ limit: 2 });
    expect([first.files, first.hasMore]).toEqual([[three, two], true]);
    const rest = await list({ limit: 2, cursor: first.nextCursor });
    expect(rest).toEqual({ files: [one], hasMore: false, nextCursor: null });
    expect((await list({ limit: 2, page: 2 })).files).toEqual([one]);
  });

  it('are for participants', async () => {
    expect(await codeOf(list({}, mallory))).toBe('not_a_participant');
    expect(await codeOf(list({ conversationId: '999999' }))).toBe('conversation_not_found');
    expect(await codeOf(list({ cursor: 'nonsense' }))).toBe('validation_failed');
  });
});

it('tells which files messages hold, or will hold when they are due', async () => {
  const [sent, scheduled, deleted, unused] = [upload(), upload(), upload(), upload()];
  await send(sent.id);
  const gone = await send(deleted.id);
  await call(DeleteMessage, { userId: alice, messageId: gone.id });
  const later = aSend({ conversationId: id, senderId: alice, attachmentIds: [scheduled.id] });
  await call(ScheduleMessage, { ...later, sendAt: new Date(Date.now() + 3_600_000).toISOString() });
  const files = [sent, scheduled, deleted, unused].map((file) => ({ id: file.id, conversationId: id }));
  const { fileIds } = await call(FilterAttached, { files });
  expect([...fileIds].sort()).toEqual([sent.id, scheduled.id].sort());
});
