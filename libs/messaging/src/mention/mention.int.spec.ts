import { type ConversationId, type RequestOf, type SendMessage, UserId } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;
let carol: UserId;
/** A conversation of the three. */
let id: ConversationId;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  scene = new Scene(process);
  [alice, bob, carol] = (await scene.users('alice', 'bob', 'carol')) as [UserId, UserId, UserId];
  await scene.users('dave');
  id = (await scene.conversation([alice, bob, carol])).id;
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

const send = async (fields: Partial<RequestOf<typeof SendMessage>>) =>
  (await sendMessage(process.rpc, aSend({ conversationId: id, ...fields }))).message;
const mentionsOf = async (content: string) => (await send({ content })).mentions;
const rows = (seq: number, of = id) =>
  database.query<{ user_id: string }>(
    'SELECT user_id FROM mentions WHERE conversation_id = $1 AND seq = $2 ORDER BY user_id',
    [of, seq] as unknown[],
  );

describe('a message mentions', () => {
  it('those whose names it holds, however they are written', async () => {
    const message = await send({ content: 'hello @BOB and @carol.' });
    expect(message).toMatchObject({
      content: 'hello @BOB and @carol.',
      mentions: [bob, carol],
      mentions_everyone: false,
    });
    expect(await rows(message.seq)).toEqual([{ user_id: 'bob' }, { user_id: 'carol' }]);
  });

  it('those whom the request names, once', async () => {
    expect((await send({ content: 'hi @bob', mentions: [carol, bob, carol] })).mentions).toEqual([bob, carol]);
  });

  it('nobody who is not in the conversation, and not its sender', async () => {
    await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'carol'`, [
      id,
    ]);
    const strangers = [UserId.parse('dave'), carol, alice, UserId.parse('nobody')];
    const message = await send({ content: '@dave @carol @alice @nobody', mentions: strangers });
    await database.query(`UPDATE participants SET left_at = NULL WHERE conversation_id = $1 AND user_id = 'carol'`, [
      id,
    ]);
    expect([message.mentions, await rows(message.seq)]).toEqual([[], []]);
  });

  it('users by their ids, where no name says otherwise', async () => {
    await database.query(`UPDATE users SET username = 'robert' WHERE id = 'bob'`);
    expect(await mentionsOf('@bob')).toEqual([bob]);
    expect(await mentionsOf('@Robert')).toEqual([bob]);
    await database.query(`UPDATE users SET username = 'bob' WHERE id = 'carol'`);
    expect(await mentionsOf('@bob')).toEqual([carol]);
    await database.query(`UPDATE users SET username = id WHERE id = 'carol'`);
    await database.query(`UPDATE users SET username = id WHERE id = 'bob'`);
  });

  it('names with dots and dashes, and the same at the end of a sentence', async () => {
    await database.query(`UPDATE users SET username = 'b.o-b_' WHERE id = 'bob'`);
    expect(await mentionsOf('I saw @b.o-b_.')).toEqual([bob]);
    await database.query(`UPDATE users SET username = id WHERE id = 'bob'`);
  });

  it('everybody by @all, in one row', async () => {
    const message = await send({ content: '@all: look, @bob' });
    expect(message).toMatchObject({ mentions: [bob, carol], mentions_everyone: true });
    expect(await rows(message.seq)).toEqual([{ user_id: '' }]);
  });

  it('everybody without their names in a conversation of more than a hundred', async () => {
    const { id: large } = await scene.conversation([alice, bob]);
    await database.query(`UPDATE conversations SET participant_count = 101 WHERE id = $1`, [large]);
    const message = await send({ conversationId: large, content: '@all and @bob' });
    expect(message).toMatchObject({ mentions: [bob], mentions_everyone: true });
    expect(await rows(message.seq, large)).toEqual([{ user_id: '' }]);
  });

  it('nobody in an ordinary text or an address', async () => {
    expect(await mentionsOf('bob, write to carol@bob.example')).toEqual([]);
  });
});

it('shows the same mentions later as when it was sent', async () => {
  const request = aSend({ conversationId: id, content: '@all @bob' });
  const { message } = await sendMessage(process.rpc, request);
  expect(await sendMessage(process.rpc, request)).toEqual({ message, duplicate: true });
});

it('keeps a sender’s messages in order, though some have to be looked up', async () => {
  const { id: own } = await scene.conversation([alice, bob]);
  const contents = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? `@bob ${n}` : `plain ${n}`));
  const sent = await Promise.all(contents.map((content) => send({ conversationId: own, content })));
  expect(sent.map(({ seq }) => seq)).toEqual(contents.map((_, n) => n + 1));
});

it('answers a repetition of a message that mentioned somebody who has left since', async () => {
  const { id: own } = await scene.conversation([alice, bob]);
  const request = aSend({ conversationId: own, content: '@bob' });
  const { message } = await sendMessage(process.rpc, request);
  await database.query(`UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = 'bob'`, [own]);
  expect(await sendMessage(process.rpc, request)).toEqual({ message, duplicate: true });
  expect(message.mentions).toEqual([bob]);
});
