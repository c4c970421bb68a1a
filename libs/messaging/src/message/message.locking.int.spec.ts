import { type ConversationId, type UserId } from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, sendMessage, startMessaging, toDraft } from '../messaging.scene';
import { MessageWriter } from './message.writer';

jest.setTimeout(30_000);

let database: TestDatabase;
let others: Database;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;

beforeAll(async () => {
  database = await testDatabase();
  others = Database.connect({ url: database.url });
  process = await startMessaging(database.url);
  scene = new Scene(process);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await others.close();
  await database.drop();
});

const lock = (tx: Transaction, id: ConversationId) =>
  tx.query('', 'SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE', [id]);

/** Resolves when a statement of the process waits for somebody's lock. */
async function someoneWaits(): Promise<void> {
  const text = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await database.query(text)).length === 0);
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as { code: unknown }).code,
  );

describe('a conversation that another process holds', () => {
  it('stalls no other one, and goes on in order when it is free', async () => {
    const [held, free] = await Promise.all([scene.conversation([alice, bob]), scene.conversation([alice, bob])]);
    const contents = Array.from({ length: 150 }, (_, n) => `message ${n}`);
    const sending = await others.transaction(async (tx) => {
      await lock(tx, held.id);
      // In an array: a promise that is returned from here would be awaited under the lock.
      const all = [Promise.all(contents.map((content) => scene.send({ conversationId: held.id, content })))];
      const { message } = await scene.send({ conversationId: free.id });
      expect(message.seq).toBe(1);
      return all;
    });
    const results = (await sending[0]) ?? [];
    expect(results.map(({ message }) => [message.seq, message.content])).toEqual(
      contents.map((content, n) => [n + 1, content]),
    );
  });

  it('is waited for after a few tries, while others are written', async () => {
    const [held, free] = await Promise.all([scene.conversation([alice, bob]), scene.conversation([alice, bob])]);
    const sending = await others.transaction(async (tx) => {
      await lock(tx, held.id);
      const one = [scene.send({ conversationId: held.id })];
      await someoneWaits();
      for (let n = 1; n <= 3; n++) expect((await scene.send({ conversationId: free.id })).message.seq).toBe(n);
      return one;
    });
    expect((await sending[0])?.message.seq).toBe(1);
  });

  it('is given up after the lock timeout, with nothing stored; the same key finds it out', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const hasty = await startMessaging(`${database.url}?options=-c%20lock_timeout%3D200`);
    const request = aSend({ conversationId: id });
    const code = await others.transaction(async (tx) => {
      await lock(tx, id);
      return codeOf(sendMessage(hasty.rpc, request));
    });
    expect(code).toBe('service_unavailable');
    expect(await sendMessage(hasty.rpc, request)).toMatchObject({ duplicate: false, message: { seq: 1 } });
    await hasty.close();
  });

  it('keeps its order when the batch has to be written in parts, because a row of it is refused', async () => {
    const [held, free] = await Promise.all([scene.conversation([alice, bob]), scene.conversation([alice, bob])]);
    const drafts = [
      [held.id, 'first'],
      [free.id, 'refused by the database: \0'],
      [held.id, 'second'],
      [free.id, 'stored'],
    ].map(([conversationId, content]) =>
      toDraft(aSend({ conversationId, content } as Partial<ReturnType<typeof aSend>>)),
    );
    const outcomes = await others.transaction(async (tx) => {
      await lock(tx, held.id);
      return process.get(MessageWriter).write(drafts, false);
    });
    const read = outcomes.map((each) => (each.kind === 'stored' ? { ...each, message: each.message.value } : each));
    expect(read).toMatchObject([
      { kind: 'skipped' },
      { kind: 'refused', error: { code: 'validation_failed' } },
      { kind: 'skipped' },
      { kind: 'stored', message: { content: 'stored', seq: 1 } },
    ]);
  });
});

describe('a sender who is removed while the message waits', () => {
  it.each([
    [
      'removed',
      'UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2',
      'not_a_participant',
    ],
    [
      'muted',
      'UPDATE participants SET is_muted = true WHERE conversation_id = $1 AND user_id = $2',
      'participant_muted',
    ],
  ])('is refused: %s under the lock of the conversation', async (_how, change, code) => {
    const { id } = await scene.conversation([alice, bob]);
    const sending = await others.transaction(async (tx) => {
      await lock(tx, id);
      await tx.query('', change, [id, bob]);
      const one = [codeOf(scene.send({ conversationId: id, senderId: bob }))];
      await someoneWaits();
      return one;
    });
    expect(await sending[0]).toBe(code);
    expect(await database.query('SELECT FROM messages WHERE conversation_id = $1', [id])).toEqual([]);
  });

  it('is refused also when only the own row is held', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const sending = await others.transaction(async (tx) => {
      await tx.query('', 'UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
        id,
        bob,
      ]);
      const one = [codeOf(scene.send({ conversationId: id, senderId: bob }))];
      await someoneWaits();
      return one;
    });
    expect(await sending[0]).toBe('not_a_participant');
  });

  it('may send when the change is undone', async () => {
    const { id } = await scene.conversation([alice, bob]);
    let sending: Promise<unknown> | undefined;
    await others
      .transaction(async (tx) => {
        await lock(tx, id);
        await tx.query('', 'UPDATE participants SET left_at = now() WHERE conversation_id = $1 AND user_id = $2', [
          id,
          bob,
        ]);
        sending = scene.send({ conversationId: id, senderId: bob });
        await someoneWaits();
        throw new Error('undone');
      })
      .catch(() => undefined);
    expect(await sending).toMatchObject({ message: { seq: 1 } });
  });
});
