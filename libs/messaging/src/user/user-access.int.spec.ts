import { EventBus } from '@parley/bus';
import {
  ChangeAccess,
  EnsureUser,
  GetUser,
  type PayloadOf,
  ReadAccess,
  type RequestOf,
  subjectOf,
  UserAccessChanged,
  type UserId,
} from '@parley/contracts';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { type MessagingProcess, Scene, startMessaging } from '../messaging.scene';

let database: TestDatabase;
let process: MessagingProcess;
let scene: Scene;

beforeAll(async () => {
  database = await testDatabase();
  process = await startMessaging(database.url);
  scene = new Scene(process);
}, 30_000);
afterAll(async () => {
  await process.close();
  await database.drop();
});

type Action = RequestOf<typeof ChangeAccess>['action'];

const change = (userId: UserId, action: Action, actorRole = 'admin') =>
  process.rpc.call(ChangeAccess, { userId, action, actorRole });
const restricted = async (...userIds: UserId[]) => (await process.rpc.call(ReadAccess, { userIds })).restricted;
const accessOf = async (userId: UserId) => {
  const profile = { email: null, username: userId, displayName: userId.toUpperCase(), avatarUrl: null, role: 'user' };
  return (await process.rpc.call(EnsureUser, { userId, profile })).access;
};

async function eventsOf(work: () => Promise<unknown>): Promise<[string, PayloadOf<typeof UserAccessChanged>][]> {
  const heard: [string, PayloadOf<typeof UserAccessChanged>][] = [];
  const subscription = await process.get(EventBus).subscribe('chat.user.>', {
    accepts: () => true,
    receive: (event) => heard.push([event.subject, event.parse(UserAccessChanged)]),
  });
  await work();
  while ((await database.query('SELECT FROM outbox')).length > 0);
  await subscription.close();
  return heard;
}

it('keeps a user out until the ban ends, and tells so', async () => {
  const id = await scene.user('banned');
  expect(await accessOf(id)).toEqual({ isBanned: false, revokedAt: null });
  const heard = await eventsOf(async () => {
    expect(await change(id, 'ban')).toMatchObject({ user: { id, is_banned: true }, access: { isBanned: true } });
    expect(await accessOf(id)).toEqual({ isBanned: true, revokedAt: null });
    expect(await change(id, 'unban')).toMatchObject({ user: { id, is_banned: false }, access: { isBanned: false } });
    expect(await accessOf(id)).toEqual({ isBanned: false, revokedAt: null });
  });
  expect(heard).toEqual(
    [true, false].map((isBanned) => [
      subjectOf(UserAccessChanged, id),
      { v: 1, userId: id, access: { isBanned, revokedAt: null } },
    ]),
  );
});

it('says nothing of what was so already', async () => {
  const id = await scene.user('twice');
  const heard = await eventsOf(async () => {
    expect(await change(id, 'unban')).toMatchObject({ user: { is_banned: false } });
    await change(id, 'ban');
    expect(await change(id, 'ban')).toMatchObject({ user: { is_banned: true } });
  });
  expect(heard).toHaveLength(1);
});

it('revokes tokens up to now, and never takes that back', async () => {
  const id = await scene.user('revoked');
  const before = Date.now();
  const first = (await change(id, 'revoke')).access.revokedAt ?? '';
  expect(Date.parse(first)).toBeGreaterThanOrEqual(before - 1_000);
  await database.query(`UPDATE users SET revoked_at = '2099-01-01T00:00:00Z' WHERE id = $1`, [id]);
  expect((await change(id, 'revoke')).access).toEqual({ isBanned: false, revokedAt: '2099-01-01T00:00:00.000Z' });
  expect((await change(id, 'ban')).access).toEqual({ isBanned: true, revokedAt: '2099-01-01T00:00:00.000Z' });
});

it('names those who may not come in with every token', async () => {
  const [good, bad, old] = (await scene.users('good', 'bad', 'old')) as [UserId, UserId, UserId];
  await change(bad, 'ban');
  const { access } = await change(old, 'revoke');
  expect(await restricted(good)).toEqual([]);
  const named = await restricted(good, bad, old, 'ghost' as UserId);
  expect(named).toHaveLength(2);
  expect(named).toEqual(
    expect.arrayContaining([
      { userId: bad, isBanned: true, revokedAt: null },
      { userId: old, ...access },
    ]),
  );
});

it('leaves the banned where they are: others see them as before', async () => {
  const [alice, bob] = (await scene.users('alice', 'bob')) as [UserId, UserId];
  const { id } = await scene.conversation([alice, bob]);
  await change(bob, 'ban');
  expect((await process.rpc.call(GetUser, { userId: bob })).user).toMatchObject({ id: bob });
  expect(
    await database.query('SELECT FROM participants WHERE conversation_id = $1 AND left_at IS NULL', [id]),
  ).toHaveLength(2);
});

it.each<Action>(['ban', 'unban', 'revoke'])('lets only admins %s', async (action) => {
  const id = await scene.user('anybody');
  await expect(change(id, action, 'moderator')).rejects.toMatchObject({ code: 'admin_only' });
  expect(await accessOf(id)).toEqual({ isBanned: false, revokedAt: null });
  await expect(change('ghost' as UserId, action)).rejects.toMatchObject({ code: 'user_not_found' });
  await expect(change('ghost' as UserId, action, 'user')).rejects.toMatchObject({ code: 'admin_only' });
});
