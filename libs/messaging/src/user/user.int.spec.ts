import {
  type AdminProfileBody,
  EnsureUser,
  GetUser,
  type TokenProfile,
  UpdateProfile,
  type UpdateProfileBody,
  UpsertUsers,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, startMessaging } from '../messaging.scene';

let database: TestDatabase;
let here: MessagingProcess;
let there: MessagingProcess;

beforeAll(async () => {
  database = await testDatabase();
  [here, there] = await Promise.all([startMessaging(database.url), startMessaging(database.url)]);
}, 30_000);
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

const profile: TokenProfile = {
  email: 'alice@example.com',
  username: null,
  displayName: 'Alice',
  avatarUrl: 'https://example.com/a.png',
  role: 'user',
};
const ensure = async (userId: string, fields: Partial<TokenProfile> = {}, process = here) =>
  (await process.rpc.call(EnsureUser, { userId: userId as UserId, profile: { ...profile, ...fields } })).user;
const update = async (userId: string, changes: UpdateProfileBody, process = here) =>
  (await process.rpc.call(UpdateProfile, { userId: userId as UserId, changes })).user;
const get = async (userId: string) => (await here.rpc.call(GetUser, { userId: userId as UserId })).user;
const upsert = (users: (AdminProfileBody & { id: string })[], actorRole = 'admin', process = here) =>
  process.rpc.call(UpsertUsers, { actorRole, users: users.map((user) => ({ ...user, id: user.id as UserId })) });
const versionOf = (id: string) => database.query('SELECT xmin::text, updated_at FROM users WHERE id = $1', [id]);

describe('a token', () => {
  it('creates a user at the first sight, and shows the user what is kept', async () => {
    expect(await ensure('alice', { username: 'al' })).toEqual({
      id: 'alice',
      username: 'al',
      display_name: 'Alice',
      avatar_url: 'https://example.com/a.png',
      status: 'offline',
      last_seen: null,
      status_text: null,
      email: 'alice@example.com',
      role: 'user',
      is_banned: false,
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
    });
  });

  it('shows others less', async () => {
    await ensure('alice', { username: 'al' });
    expect(await get('alice')).toEqual({
      id: 'alice',
      username: 'al',
      display_name: 'Alice',
      avatar_url: 'https://example.com/a.png',
      status: 'offline',
      last_seen: null,
      status_text: null,
    });
  });

  it('refreshes what it tells differently', async () => {
    const before = await ensure('bob');
    const after = await ensure('bob', { displayName: 'Bob', role: 'admin', username: 'bobby' });
    expect(after).toEqual({ ...before, display_name: 'Bob', role: 'admin', username: 'bobby' });
  });

  it('rewrites nothing that one told which was issued later, however often the two take turns', async () => {
    const [older, newer] = [1_700_000_000, 1_700_000_100];
    const call = async (displayName: string, issuedAt?: number, process = here) => {
      const request = {
        userId: 'walter' as UserId,
        profile: { ...profile, displayName },
        ...(issuedAt && { issuedAt }),
      };
      return (await process.rpc.call(EnsureUser, request)).user.display_name;
    };
    expect(await call('Walter', older)).toBe('Walter');
    expect(await call('Walter White', newer)).toBe('Walter White');
    const version = await versionOf('walter');
    expect([await call('Walter', older), await call('Walter White', newer, there)]).toEqual(
      Array(2).fill('Walter White'),
    );
    expect(await versionOf('walter')).toEqual(version);
    await Promise.all(Array.from({ length: 20 }, (_, n) => call(`Walter ${n}`, newer + (n % 7), n % 2 ? here : there)));
    expect(['Walter 6', 'Walter 13']).toContain((await get('walter')).display_name);
    expect(await call('Heisenberg')).toBe('Heisenberg');
    expect(await call('Walter', newer)).toBe('Heisenberg');
  });

  it('leaves alone what it does not speak of', async () => {
    const silent = { displayName: null, username: null, email: null, avatarUrl: null };
    const before = await ensure('bert', { displayName: 'Bert', username: 'bert' });
    expect(await ensure('bert', silent)).toEqual(before);
    expect(await ensure('bert', { ...silent, displayName: 'Bertie' })).toEqual({ ...before, display_name: 'Bertie' });
    expect(await ensure('silent', silent)).toMatchObject({ display_name: 'silent', username: null, email: null });
  });

  it('writes nothing when nothing differs', async () => {
    await ensure('carol');
    const before = await versionOf('carol');
    await ensure('carol');
    expect(await versionOf('carol')).toEqual(before);
  });

  it('creates one user of many first requests at once', async () => {
    const users = await Promise.all(
      Array.from({ length: 10 }, (_, i) => ensure('dora', {}, i % 2 === 0 ? here : there)),
    );
    expect(new Set(users.map(({ created_at }) => created_at)).size).toBe(1);
  });

  it('may hold whatever characters', async () => {
    const id = `o'brien"; -- 👋 %_\\ ${'x'.repeat(200)}`;
    expect(await ensure(id, { displayName: 'A\0B' })).toMatchObject({ id, display_name: 'AB' });
  });

  it('shares its e-mail address with others', async () => {
    await ensure('e1', { email: 'shared@example.com' });
    expect(await ensure('e2', { email: 'shared@example.com' })).toMatchObject({ email: 'shared@example.com' });
  });
});

describe('a username', () => {
  it('stays with whoever had it first, however another one writes it', async () => {
    expect(await ensure('u1', { username: 'Neo' })).toMatchObject({ username: 'Neo' });
    expect(await ensure('u2', { username: 'NEO' })).toMatchObject({ username: null, display_name: 'Alice' });
    expect(await ensure('u1', { username: 'neo' })).toMatchObject({ username: 'neo' });
  });

  it('that is somebody else’s costs no write when it is told again', async () => {
    await ensure('u3', { username: 'trinity' });
    await ensure('u4', { username: 'trinity' });
    const before = await versionOf('u4');
    expect(await ensure('u4', { username: 'trinity' })).toMatchObject({ username: null });
    expect(await versionOf('u4')).toEqual(before);
  });

  it('goes to the next one who tells it once it is free', async () => {
    await ensure('u5', { username: 'morpheus' });
    await ensure('u6', { username: 'morpheus' });
    await update('u5', { username: null });
    expect(await ensure('u6', { username: 'morpheus' })).toMatchObject({ username: 'morpheus' });
    expect(await ensure('u5', { username: 'morpheus' })).toMatchObject({ username: null });
  });

  it('is one user’s where many tell it first, at once and in different processes', async () => {
    const users = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        ensure(`race-${i}`, { username: i % 3 === 0 ? 'Smith' : 'smith' }, i % 2 === 0 ? here : there),
      ),
    );
    const named = users.filter(({ username }) => username !== null);
    expect(named).toHaveLength(1);
    expect(users).toHaveLength(16);
  });
});

describe('what users say of themselves', () => {
  it('stays, whatever their tokens tell, and the rest is refreshed', async () => {
    await ensure('self', { username: 'self-told' });
    const edited = { display_name: 'Chosen', username: 'self-chosen', avatar_url: null, status_text: 'Hello' };
    expect(await update('self', edited)).toMatchObject(edited);
    const told = { displayName: 'Told', username: 'told-again', email: 'new@example.com', role: 'teacher' };
    expect(await ensure('self', told)).toMatchObject({ ...edited, email: 'new@example.com', role: 'teacher' });
  });

  it('leaves the rest as it is', async () => {
    const before = await ensure('partly', { username: 'partly' });
    expect(await update('partly', { status_text: 'Busy' })).toEqual({ ...before, status_text: 'Busy' });
    expect(await update('partly', {})).toEqual({ ...before, status_text: 'Busy' });
    expect(await update('partly', { status_text: null })).toEqual(before);
    expect(await ensure('partly', { username: 'partly', displayName: 'Told' })).toMatchObject({ display_name: 'Told' });
  });

  it('may not be the username of somebody else', async () => {
    await ensure('owner', { username: 'Taken' });
    await ensure('thief', { displayName: 'Thief' });
    const stealing = update('thief', { username: 'tAKEN', display_name: 'Owner' });
    await expect(stealing).rejects.toMatchObject({ code: 'username_taken', issues: [{ path: 'username' }] });
    expect(await get('thief')).toMatchObject({ username: null, display_name: 'Thief' });
    expect(await update('owner', { username: 'taken' })).toMatchObject({ username: 'taken' });
  });

  it('gives a username to one of those who take it at once', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `grab-${i}`);
    await Promise.all(ids.map((id) => ensure(id)));
    const answers = await Promise.allSettled(
      ids.map((id, i) => update(id, { username: 'grabbed' }, i % 2 === 0 ? here : there)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'username_taken' });
    }
  });

  it('is not undone by a token that is told at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      await ensure(`moment-${round}`);
      await Promise.all([
        ensure(`moment-${round}`, { displayName: 'Told' }, there),
        update(`moment-${round}`, { display_name: 'Chosen' }),
      ]);
      expect(await get(`moment-${round}`)).toMatchObject({ display_name: 'Chosen' });
    }
  });

  it('needs a user', async () => {
    await expect(update('ghost', { status_text: 'boo' })).rejects.toMatchObject({ code: 'user_not_found' });
    await expect(get('ghost')).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

describe('what a product’s server says of users', () => {
  it('is there before they come, and stays when they do', async () => {
    const { users, created } = await upsert([
      { id: 'p2', display_name: 'Peter', email: 'peter@example.com', role: 'teacher', username: 'peter' },
      { id: 'p1' },
    ]);
    expect(created).toBe(2);
    expect(users).toMatchObject([
      { id: 'p2', display_name: 'Peter', email: 'peter@example.com', role: 'teacher', username: 'peter' },
      { id: 'p1', display_name: 'p1', email: null, role: 'user', username: null },
    ]);
    const told = { displayName: 'Told', email: 'told@example.com', username: 'told-p' };
    expect(await ensure('p2', told)).toMatchObject({
      display_name: 'Peter',
      email: 'peter@example.com',
      role: 'teacher',
    });
    expect(await ensure('p1', told)).toMatchObject({
      display_name: 'Told',
      email: 'told@example.com',
      username: 'told-p',
    });
  });

  it('changes those that are there, and counts only the new ones', async () => {
    const before = await ensure('p3', { username: 'p-three' });
    const { users, created } = await upsert([{ id: 'p3', display_name: 'Three', avatar_url: null }, { id: 'p4' }]);
    expect(created).toBe(1);
    expect(users[0]).toEqual({ ...before, display_name: 'Three', avatar_url: null });
    expect((await upsert([{ id: 'p4', status_text: 'here' }])).created).toBe(0);
  });

  it('is written as a whole or not at all', async () => {
    await ensure('p5', { username: 'five' });
    const refused = upsert([
      { id: 'p6', username: 'six' },
      { id: 'p7', username: 'Five' },
    ]);
    await expect(refused).rejects.toMatchObject({ code: 'username_taken', issues: [{ path: 'users.1.username' }] });
    await expect(get('p6')).rejects.toMatchObject({ code: 'user_not_found' });
    const twice = upsert([{ id: 'p8' }, { id: 'p8' }]);
    await expect(twice).rejects.toMatchObject({ code: 'validation_failed', issues: [{ path: 'users.1.id' }] });
    await expect(get('p8')).rejects.toMatchObject({ code: 'user_not_found' });
  });

  it('counts only from an admin', async () => {
    await expect(upsert([{ id: 'p9' }], 'moderator')).rejects.toMatchObject({ code: 'admin_only' });
    await expect(get('p9')).rejects.toMatchObject({ code: 'user_not_found' });
  });

  it('may come twice at once, in whatever order', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => ({ id: `many-${i}`, display_name: `User ${i}` }));
    const answers = await Promise.all([upsert(ids, 'admin', here), upsert(ids.toReversed(), 'admin', there)]);
    expect(answers.map(({ created }) => created).reduce((sum, created) => sum + created)).toBe(30);
  });
});
