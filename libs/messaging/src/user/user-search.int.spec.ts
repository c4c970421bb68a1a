import { ChangeAccess, ChangeBlock, EnsureUser, type RequestOf, SearchUsers, type UserId } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, startMessaging } from '../messaging.scene';

let database: TestDatabase;
let process: MessagingProcess;

const people: readonly (readonly [id: string, username: string | null, displayName: string, email: string | null])[] = [
  ['me', 'me', 'Myself', 'me@example.com'],
  ['1', 'Alice', 'Wonderland', 'alice@example.com'],
  ['2', 'alan', 'Alan T.', 'alan@example.com'],
  ['3', null, 'ALICE COOPER', 'Cooper@Example.org'],
  ['4', 'a_b', '100%', 'a_b@example.com'],
  ['5', 'axb', '100 per cent', 'axb@example.com'],
  ['6', 'ärger', 'Ärger Élan', 'aerger@example.com'],
  ['7', 'back\\slash', 'Back', null],
  ['8', 'banned-al', 'Al Banned', 'banned@example.com'],
  ['9', 'blocker-al', 'Al Blocker', 'blocker@example.com'],
];

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  for (const [id, username, displayName, email] of people) {
    const profile = { username, displayName, email, avatarUrl: null, role: 'user' };
    await process.rpc.call(EnsureUser, { userId: id as UserId, profile });
  }
  await process.rpc.call(ChangeAccess, { userId: '8' as UserId, action: 'ban', actorRole: 'admin' });
  await process.rpc.call(ChangeBlock, { userId: '9' as UserId, blockedId: 'me' as UserId, isBlocked: true });
  await process.rpc.call(ChangeBlock, { userId: 'me' as UserId, blockedId: '2' as UserId, isBlocked: true });
}, 30_000);
afterAll(async () => {
  await process.close();
  await database.drop();
});

type Asked = Partial<RequestOf<typeof SearchUsers>>;

const search = (asked: Asked) =>
  process.rpc.call(SearchUsers, { userId: 'me' as UserId, limit: 50, page: 1, ...asked });
const idsOf = async (asked: Asked) => (await search(asked)).users.map(({ id }) => id);

it.each<[string, Asked, string[]]>([
  ['the beginning of a username or a name, each user once', { q: 'al' }, ['2', '1', '3']],
  ['a name in whatever case', { q: 'ALICE' }, ['1', '3']],
  ['letters of every language', { q: 'ÄR' }, ['6']],
  ['a word with a blank in it', { q: 'alice c' }, ['3']],
  ['nothing in the middle of a name', { q: 'cooper' }, []],
  ['% as an ordinary character', { q: '100%' }, ['4']],
  ['_ as an ordinary character', { q: 'a_' }, ['4']],
  ['a backslash as an ordinary character', { q: 'back\\' }, ['7']],
  ['a whole e-mail address', { email: 'alice@example.com' }, ['1']],
  ['an e-mail address in whatever case', { email: 'COOPER@example.ORG' }, ['3']],
  ['the beginning of an e-mail address', { email: 'coop' }, ['3']],
  ['nobody by two characters of an e-mail address', { email: 'al' }, []],
  ['nobody by the end of an e-mail address', { email: '@example.com' }, []],
  ['_ in an e-mail address as an ordinary character', { email: 'a_b' }, ['4']],
  ['those whom both name and e-mail address fit', { email: 'alan@', q: 'al' }, ['2']],
  ['nobody whom only one of both fits', { email: 'alice@', q: 'alan' }, []],
  ['nobody by the name of an e-mail address', { q: 'alice@example' }, []],
  ['oneself', { q: 'mys' }, ['me']],
])('finds %s', async (_what, asked, ids) => {
  expect(await idsOf(asked)).toEqual(ids);
});

it('leaves out the banned and those who block the searcher, not those whom the searcher blocks', async () => {
  expect(await idsOf({ q: 'banned' })).toEqual([]);
  expect(await idsOf({ email: 'banned@example.com' })).toEqual([]);
  expect(await idsOf({ q: 'blocker' })).toEqual([]);
  expect(await idsOf({ q: 'blocker', userId: '1' as UserId })).toEqual(['9']);
  expect(await idsOf({ q: 'alan' })).toEqual(['2']);
});

it('shows what everybody may see, and no e-mail address', async () => {
  const { users } = await search({ email: 'alice@example.com' });
  expect(users).toEqual([
    {
      id: '1',
      username: 'Alice',
      display_name: 'Wonderland',
      avatar_url: null,
      status: 'offline',
      last_seen: null,
      status_text: null,
    },
  ]);
});

it('shows no more than asked for, and says that there are more', async () => {
  await expect(search({ q: 'al', limit: 2 })).resolves.toMatchObject({
    users: [{ id: '2' }, { id: '1' }],
    hasMore: true,
  });
  await expect(search({ q: 'al', limit: 3 })).resolves.toMatchObject({ hasMore: false });
});

it.each([1, 2, 3])('goes on where a page of %i ended, without repeats', async (limit) => {
  const all = await idsOf({ q: 'al' });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await search({ q: 'al', limit, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.users.map(({ id }) => id));
    expect(page.nextCursor === null).toBe(!page.hasMore);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(all);
});

it('turns pages', async () => {
  expect(await idsOf({ q: 'al', limit: 2, page: 2 })).toEqual((await idsOf({ q: 'al' })).slice(2));
  expect(await idsOf({ q: 'al', limit: 2, page: 3 })).toEqual([]);
});

it('tells of a thousand users and no more', async () => {
  await database.query(
    `INSERT INTO users (id, display_name) SELECT 'crowd' || i, 'Crowd ' || i FROM generate_series(1, 1100) i`,
  );
  await expect(search({ q: 'crowd', limit: 100, page: 9 })).resolves.toMatchObject({ hasMore: true });
  const last = await search({ q: 'crowd', limit: 100, page: 10 });
  expect(last).toMatchObject({ hasMore: false, nextCursor: null });
  expect(last.users).toHaveLength(100);
  expect(await idsOf({ q: 'crowd', limit: 100, page: 11 })).toEqual([]);
  expect(await idsOf({ q: 'crowd', limit: 30, page: 34 })).toHaveLength(10);
});

it.each([
  ['a name', { q: 'namesake' }],
  ['an e-mail address', { email: 'same@example.com' }],
] as const)('shows each of those who share %s once, page by page', async (_what, asked) => {
  await database.query(
    `INSERT INTO users (id, display_name, email)
     SELECT 'namesake' || i, 'Namesake', 'same@example.com' FROM generate_series(40, 1, -1) i
     ON CONFLICT DO NOTHING`,
  );
  const pages = await Promise.all([1, 2, 3, 4].map((page) => idsOf({ ...asked, limit: 10, page })));
  expect([...pages.flat()].sort()).toEqual(Array.from({ length: 40 }, (_, i) => `namesake${i + 1}`).sort());
});

it.each(['', 'x', 'WzFd=', 'WzBd', 'WzEwMDFd', 'WzEuNV0', 'WyJhIl0', 'e30'])(
  'refuses the cursor %j',
  async (cursor) => {
    await expect(search({ q: 'al', cursor })).rejects.toMatchObject({ code: 'validation_failed' });
  },
);

it('refuses to look for nothing', async () => {
  await expect(search({})).rejects.toMatchObject({ code: 'validation_failed' });
});
