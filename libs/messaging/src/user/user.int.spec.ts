import { EnsureUser, GetUser, type TokenProfile, type UserId } from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, startMessaging } from '../messaging.builder';

let database: TestDatabase;
let process: MessagingProcess;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
}, 30_000);
afterAll(async () => {
  await process.close();
  await database.drop();
});

const profile: TokenProfile = {
  email: 'alice@example.com',
  username: 'al',
  displayName: 'Alice',
  avatarUrl: 'https://example.com/a.png',
  role: 'user',
};
const alice = 'alice' as UserId;
const ensure = async (userId: UserId, fields: Partial<TokenProfile> = {}) =>
  (await process.rpc.call(EnsureUser, { userId, profile: { ...profile, ...fields } })).user;
const versionOf = (id: UserId) => database.query('SELECT xmin::text, updated_at FROM users WHERE id = $1', [id]);

it('creates a user at the first sight, and shows the user what is kept', async () => {
  expect(await ensure(alice)).toEqual({
    id: alice,
    username: 'al',
    display_name: 'Alice',
    avatar_url: 'https://example.com/a.png',
    email: 'alice@example.com',
    role: 'user',
    created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
  });
});

it('shows others less', async () => {
  expect((await process.rpc.call(GetUser, { userId: alice })).user).toEqual({
    id: alice,
    username: 'al',
    display_name: 'Alice',
    avatar_url: 'https://example.com/a.png',
  });
});

it('refreshes what the token tells differently', async () => {
  const before = await ensure('bob' as UserId);
  const after = await ensure('bob' as UserId, { displayName: 'Bob', avatarUrl: null, role: 'admin' });
  expect(after).toEqual({ ...before, display_name: 'Bob', avatar_url: null, role: 'admin' });
});

it('writes nothing when nothing differs', async () => {
  const carol = 'carol' as UserId;
  await ensure(carol);
  const before = await versionOf(carol);
  await ensure(carol);
  expect(await versionOf(carol)).toEqual(before);
});

it('creates one user of many first requests at once', async () => {
  const users = await Promise.all(Array.from({ length: 10 }, () => ensure('dora' as UserId)));
  expect(new Set(users.map(({ created_at }) => created_at)).size).toBe(1);
});

it('stores whatever characters a token holds', async () => {
  const id = `o'brien"; -- 👋 %_\\ ${'x'.repeat(200)}` as UserId;
  expect(await ensure(id, { displayName: 'A\0B' })).toMatchObject({ id, display_name: 'AB' });
});

it('knows no user that nobody has seen', async () => {
  const asking = process.rpc.call(GetUser, { userId: 'ghost' as UserId });
  await expect(asking).rejects.toMatchObject({ code: 'user_not_found' });
});
