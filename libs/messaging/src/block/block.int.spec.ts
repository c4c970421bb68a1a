import { ChangeBlock, type ConversationId, ListBlocked, type UserId, type UserProfileView } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

jest.setTimeout(60_000);

let database: TestDatabase;
let here: MessagingProcess;
let there: MessagingProcess;
let scene: Scene;
let elsewhere: Scene;
let pairs = 0;

beforeAll(async () => {
  database = await testDatabase();
  [here, there] = await Promise.all([startMessaging(database.url), startMessaging(database.url)]);
  [scene, elsewhere] = [new Scene(here), new Scene(there)];
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

const change = (userId: UserId, blockedId: UserId, isBlocked: boolean, process = here) =>
  process.rpc.call(ChangeBlock, { userId, blockedId, isBlocked });
const list = (userId: UserId, fields: { limit?: number; page?: number; cursor?: string } = {}) =>
  here.rpc.call(ListBlocked, { userId, limit: 50, page: 1, ...fields });
const idsOf = (users: readonly UserProfileView[]) => users.map(({ id }) => id);

/** Two users who have nothing with each other yet. */
const newPair = async () => {
  const number = ++pairs;
  return (await scene.users(`a-${number}`, `b-${number}`)) as [UserId, UserId];
};

/** Who is marked as blocked in a conversation. */
const markedIn = async (id: ConversationId) => {
  const text = 'SELECT user_id FROM participants WHERE conversation_id = $1 AND is_blocked ORDER BY user_id';
  return (await database.query<{ user_id: string }>(text, [id])).map((row) => row.user_id);
};

describe('blocking', () => {
  it('shows who is blocked, and says whether that is new', async () => {
    const [alice, bob] = await newPair();
    const profile = { id: bob, display_name: bob.toUpperCase(), status: 'offline', status_text: null };
    expect(await change(alice, bob, true)).toMatchObject({ user: profile, changed: true });
    expect(await change(alice, bob, true)).toMatchObject({ user: profile, changed: false });
    expect(idsOf((await list(alice)).users)).toEqual([bob]);
    expect((await list(bob)).users).toEqual([]);
    expect(await change(alice, bob, false)).toMatchObject({ user: profile, changed: true });
    expect(await change(alice, bob, false)).toMatchObject({ changed: false });
    expect((await list(alice)).users).toEqual([]);
  });

  it('refuses oneself and nobody', async () => {
    const [alice] = await newPair();
    await expect(change(alice, alice, true)).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(change(alice, 'ghost' as UserId, true)).rejects.toMatchObject({ code: 'user_not_found' });
    await expect(change(alice, 'ghost' as UserId, false)).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

describe('in the direct conversation of the two', () => {
  it('the blocked one cannot write, the other one can', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob], 'direct');
    await change(alice, bob, true);
    await expect(scene.send({ conversationId: id, senderId: bob })).rejects.toMatchObject({ code: 'user_blocked' });
    await expect(scene.send({ conversationId: id, senderId: alice })).resolves.toMatchObject({ duplicate: false });
    await change(alice, bob, false, there);
    await expect(scene.send({ conversationId: id, senderId: bob })).resolves.toMatchObject({ duplicate: false });
  });

  it('each side stands for itself', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob], 'direct');
    await Promise.all([change(alice, bob, true), change(bob, alice, true, there)]);
    expect(await markedIn(id)).toEqual([alice, bob].sort());
    await change(alice, bob, false);
    expect(await markedIn(id)).toEqual([alice]);
  });

  it('no event and no change is numbered', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob], 'direct');
    const headOf = () => database.query('SELECT rev, details_rev FROM conversations WHERE id = $1', [id]);
    const before = await headOf();
    await change(alice, bob, true);
    expect(await headOf()).toEqual(before);
  });

  it('groups are untouched', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob]);
    await change(alice, bob, true);
    expect(await markedIn(id)).toEqual([]);
    await expect(scene.send({ conversationId: id, senderId: bob })).resolves.toMatchObject({ duplicate: false });
  });

  it('that is created later the block counts as well', async () => {
    const [alice, bob] = await newPair();
    await change(alice, bob, true);
    await expect(scene.conversation([bob, alice], 'direct')).rejects.toMatchObject({ code: 'user_blocked' });
    const { id } = await scene.conversation([alice, bob], 'direct');
    expect(await markedIn(id)).toEqual([bob]);
  });

  it('that is created at the same moment, by another process, no block is missed', async () => {
    for (let round = 0; round < 25; round++) {
      const [alice, bob] = await newPair();
      const [{ id }] = await Promise.all([
        elsewhere.conversation([alice, bob], 'direct'),
        change(alice, bob, true, here),
      ]);
      expect(await markedIn(id)).toEqual([bob]);
    }
  });

  it('the mark follows the last word, however often it changes at once', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob], 'direct');
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 6 }, (_, i) => change(alice, bob, i % 2 === 0, i % 3 === 0 ? here : there)),
      );
      const isBlocked = (await list(alice)).users.length > 0;
      expect(await markedIn(id)).toEqual(isBlocked ? [bob] : []);
    }
  });

  it('a send that passes is before the block', async () => {
    const [alice, bob] = await newPair();
    const { id } = await scene.conversation([alice, bob], 'direct');
    const sends = Array.from({ length: 20 }, () => elsewhere.send({ conversationId: id, senderId: bob }));
    const blocking = change(alice, bob, true, here);
    const outcomes = await Promise.allSettled(sends);
    await blocking;
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'user_blocked' });
    }
    await expect(elsewhere.send({ conversationId: id, senderId: bob })).rejects.toMatchObject({ code: 'user_blocked' });
  });
});

describe('the list of the blocked', () => {
  let alice: UserId;
  const names = ['b', 'd', 'a', 'c', 'e'].map((name) => `list-${name}`);

  beforeAll(async () => {
    alice = await scene.user('list-alice');
    for (const id of await scene.users(...names)) await change(alice, id, true);
  });

  it('is walked by cursor, by user id', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer: { users: UserProfileView[]; hasMore: boolean; nextCursor: string | null } = await list(
        alice,
        cursor === null ? { limit: 2 } : { limit: 2, cursor },
      );
      seen.push(...idsOf(answer.users));
      cursor = answer.nextCursor;
      expect(answer.hasMore).toBe(cursor !== null);
    } while (cursor !== null);
    expect(seen).toEqual(names.toSorted());
  });

  it('is walked by page', async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => list(alice, { limit: 2, page })));
    expect(pages.flatMap(({ users }) => idsOf(users))).toEqual(names.toSorted());
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false, false]);
  });

  it('refuses a cursor that it did not give', async () => {
    await expect(list(alice, { cursor: 'garbage' })).rejects.toMatchObject({ issues: [{ path: 'cursor' }] });
  });
});
