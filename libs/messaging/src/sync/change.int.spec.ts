import { type ConversationId, ListChanges, type RequestOf, type ResponseOf, type UserId } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(30_000);

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;
let alice: UserId;
let bob: UserId;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  scene = new Scene(process);
  [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
});
afterAll(async () => {
  await process.close();
  await database.drop();
});

const changesOf = (
  conversationId: ConversationId,
  since: RequestOf<typeof ListChanges>['since'],
): Promise<ResponseOf<typeof ListChanges>> => process.rpc.call(ListChanges, { conversationId, since });

async function fill(id: ConversationId, messages: number, content: (n: number) => string): Promise<void> {
  const numbers = Array.from({ length: messages }, (_, i) => i + 1);
  await Promise.all(numbers.map((n) => scene.send({ conversationId: id, content: content(n) })));
}

const seqsOf = ({ messages }: ResponseOf<typeof ListChanges>) => messages.map(({ message }) => message.seq);

describe('changes since a head', () => {
  it('are the new messages, up to where the conversation stands', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await fill(id, 5, String);
    const answer = await changesOf(id, { seq: 3, rev: 4 });
    expect(seqsOf(answer)).toEqual([4, 5]);
    expect(answer).toMatchObject({ head: { seq: 5, rev: 6 }, hasMore: false, conversation: null });
  });

  it('are two hundred at a time', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await fill(id, 201, String);
    const first = await changesOf(id, { seq: 0, rev: 1 });
    expect(seqsOf(first)).toHaveLength(200);
    expect(first).toMatchObject({ head: { seq: 200, rev: 201 }, hasMore: true });
    const second = await changesOf(id, first.head);
    expect(seqsOf(second)).toEqual([201]);
    expect(second.hasMore).toBe(false);
  });

  it('end where an answer would grow too large, and go on from there', async () => {
    const { id } = await scene.conversation([alice, bob]);
    await fill(id, 100, (n) => `${n} ${'ä'.repeat(5_900)}`);
    let head = { seq: 0, rev: 1 };
    const told: number[] = [];
    for (let hasMore = true; hasMore;) {
      const answer = await changesOf(id, head);
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(800_000);
      told.push(...seqsOf(answer));
      ({ head, hasMore } = answer);
    }
    expect(told).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it('describe the conversation to those who have seen nothing of it', async () => {
    const { id } = await scene.conversation([alice, bob]);
    const answer = await changesOf(id, { seq: 0, rev: 0 });
    expect(answer.conversation).toMatchObject({ id, rev: 1, participant_count: 2 });
    expect(answer.participants.map(({ participant }) => participant.user_id).sort()).toEqual([alice, bob]);
  });

  it('are none for a head that is above the truth, which they tell', async () => {
    const { id } = await scene.conversation([alice, bob]);
    expect(await changesOf(id, { seq: 50, rev: 99 })).toMatchObject({
      messages: [],
      changed: [],
      participants: [],
      removed: [],
      conversation: null,
      head: { seq: 0, rev: 1 },
      hasMore: false,
    });
  });

  it('of no conversation are an error', async () => {
    const asking = changesOf('999999' as ConversationId, { seq: 0, rev: 0 });
    await expect(asking).rejects.toMatchObject({ code: 'conversation_not_found' });
  });
});
