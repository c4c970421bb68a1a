import {
  ChangeAccess,
  ChangeBlock,
  ListBlocked,
  type OwnUserView,
  SearchUsers,
  UpdateProfile,
  UpsertUsers,
  type UserView,
  type UserProfileView,
} from '@parley/contracts';
import type { Problem } from '@parley/errors';
import type { RestAnswer, RestClient } from '@parley/testing';
import { RestScene } from '../testing/rest.scene';

interface UserList {
  readonly users: UserProfileView[];
}

let rest: RestScene;
let admin: RestClient;

beforeAll(async () => {
  rest = await RestScene.start();
  admin = rest.as({ sub: 'server', role: 'admin' });
});
afterAll(() => rest.stop());

const put = <Body>(client: RestClient, path: string, body: unknown, method = 'PUT'): Promise<RestAnswer<Body>> =>
  client.call<Body>(method, path, body);
const remove = (client: RestClient, path: string) => client.call<UserProfileView>('DELETE', path);

describe('users', () => {
  it('are created by their first request, from their token', async () => {
    const token = { sub: 'erin|auth 7', name: 'Erin', email: 'erin@example.org', role: 'teacher' };
    const { status, body } = await rest.as(token).get<OwnUserView>('/api/users/me');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'erin|auth 7',
      display_name: 'Erin',
      email: 'erin@example.org',
      role: 'teacher',
    });
  });

  it('are seen by others without what is theirs alone', async () => {
    await rest.as({ sub: 'frank/1', name: 'Frank', email: 'frank@example.org' }).get('/api/users/me');
    const { status, body } = await rest.alice.get<UserView>('/api/users/frank%2F1');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'frank/1', display_name: 'Frank' });
    expect(body).not.toHaveProperty('email');
    expect(body).not.toHaveProperty('role');
  });

  it.each(['grace', 'a'.repeat(256), '%00', '👋'.repeat(255)])('are unknown by the id %s', async (id) => {
    const { status, body } = await rest.alice.get<Problem>(`/api/users/${encodeURI(id).replace('%2500', '%00')}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'user_not_found', detail: 'User not found' });
  });
});

describe('the own profile', () => {
  it.each(['PUT', 'PATCH'])('is changed by %s, and remembered', async (method) => {
    const changes = { display_name: `By ${method}`, username: null, unknown: 1 };
    const { status, body } = await put<OwnUserView>(rest.alice, '/api/users/me', changes, method);
    expect({ status, name: body.display_name }).toEqual({ status: 200, name: `By ${method}` });
    expect(rest.users.asked(UpdateProfile)).toEqual({
      userId: 'alice',
      changes: { display_name: `By ${method}`, username: null },
    });
  });

  it('cannot have the username of another', async () => {
    const { status, body } = await put<Problem>(rest.alice, '/api/users/me', { username: 'taken' });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'username_taken' });
  });

  it.each([
    ['a name of 101 characters', { display_name: 'x'.repeat(101) }, 'display_name'],
    ['a blank name', { display_name: '  ' }, 'display_name'],
    ['a name with NUL', { display_name: 'a\u0000b' }, 'display_name'],
    ['a name that is no text', { display_name: 7 }, 'display_name'],
    ['a username of 65 characters', { username: 'x'.repeat(65) }, 'username'],
    ['an empty username', { username: '' }, 'username'],
    ['a username with a blank', { username: 'a b' }, 'username'],
    ['a username that means everybody', { username: 'All' }, 'username'],
    ['a picture that is no link', { avatar_url: 'javascript:alert(1)' }, 'avatar_url'],
    ['a status text of 201 characters', { status_text: 'x'.repeat(201) }, 'status_text'],
    ['a list', [], ''],
  ])('is not changed to %s', async (_what, body, path) => {
    const answer = await put<Problem>(rest.alice, '/api/users/me', body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  });
});

describe('a search', () => {
  it('asks for what it is told, and answers a list', async () => {
    const { status, body } = await rest.alice.get('/api/users/search?email=%20a%25@example.com&q=Al%C3%AD&limit=7');
    expect(status).toBe(200);
    expect(body).toMatchObject({ users: [{ id: 'alice' }], has_more: true, next_cursor: 'next', page: 1, limit: 7 });
    const asked = { userId: 'alice', email: ' a%@example.com', q: 'Alí', limit: 7, page: 1 };
    expect(rest.users.asked(SearchUsers)).toEqual(asked);
  });

  it('goes on from a cursor', async () => {
    await rest.alice.get('/api/users/search?q=a&cursor=abc&page=2');
    expect(rest.users.asked(SearchUsers)).toEqual({ userId: 'alice', q: 'a', limit: 50, page: 2, cursor: 'abc' });
  });

  it.each(['limit=0', 'limit=101', 'page=0', 'cursor=', 'q=%00', 'email=%00', 'q=a&q=b', `q=${'x'.repeat(256)}`])(
    'is refused for %s',
    async (query) => {
      const { status, body } = await rest.alice.get<Problem>(`/api/users/search?${query}`);
      expect({ status, code: body.code }).toEqual({ status: 422, code: 'validation_failed' });
    },
  );
});

describe('blocks', () => {
  it('are made once, and ended', async () => {
    const made = await rest.alice.post<UserProfileView>('/api/users/bob%2F1/block', undefined);
    expect({ status: made.status, id: made.body.id }).toEqual({ status: 201, id: 'bob/1' });
    expect(rest.users.asked(ChangeBlock)).toEqual({ userId: 'alice', blockedId: 'bob/1', isBlocked: true });
    expect((await rest.alice.post('/api/users/old-enemy/block', undefined)).status).toBe(200);
    const ended = await remove(rest.alice, '/api/users/bob%2F1/block');
    expect({ status: ended.status, id: ended.body.id }).toEqual({ status: 200, id: 'bob/1' });
    expect(rest.users.asked(ChangeBlock)).toEqual({ userId: 'alice', blockedId: 'bob/1', isBlocked: false });
  });

  it('are listed by page', async () => {
    const { status, body } = await rest.alice.get<UserList>('/api/users/blocked?limit=1&page=2');
    expect(status).toBe(200);
    expect(body).toMatchObject({ users: [{ id: 'alice' }], has_more: true, next_cursor: 'next', page: 2, limit: 1 });
    expect(rest.users.asked(ListBlocked)).toEqual({ userId: 'alice', limit: 1, page: 2 });
  });

  it.each(['POST', 'DELETE'])('do not hit what can be nobody: %s', async (method) => {
    const { status, body } = await rest.alice.call<Problem>(method, '/api/users/%00/block');
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'user_not_found' });
  });
});

describe('administration', () => {
  it('creates and changes users, many at a time', async () => {
    const users = [
      { id: 'old-1', display_name: 'One' },
      { id: 'new-1', email: 'new@example.com', role: 'teacher' },
    ];
    const created = await admin.post<UserList>('/api/users', { users });
    expect(created.status).toBe(201);
    expect(created.body.users.map(({ id }) => id)).toEqual(['old-1', 'new-1']);
    expect(rest.users.asked(UpsertUsers)).toEqual({ actorRole: 'admin', users });
    expect((await admin.post('/api/users', { users: users.slice(0, 1) })).status).toBe(200);
  });

  it('creates and changes a user by name', async () => {
    const created = await put<OwnUserView>(admin, '/api/users/new%2F2', { display_name: 'Two', id: 'other' });
    expect({ status: created.status, id: created.body.id }).toEqual({ status: 201, id: 'new/2' });
    expect(rest.users.asked(UpsertUsers)?.users).toEqual([{ id: 'new/2', display_name: 'Two' }]);
    expect((await put(admin, '/api/users/old-2', {})).status).toBe(200);
    const nobody = await put<Problem>(admin, `/api/users/${'x'.repeat(256)}`, {});
    expect({ status: nobody.status, code: nobody.body.code }).toEqual({ status: 422, code: 'validation_failed' });
  });

  it.each([
    ['no users', {}, 'users'],
    ['an empty list', { users: [] }, 'users'],
    ['more than a hundred', { users: Array.from({ length: 101 }, (_, i) => ({ id: `u${i}` })) }, 'users'],
    ['a user without an id', { users: [{ display_name: 'x' }] }, 'users.0.id'],
    ['a user with an empty id', { users: [{ id: '' }] }, 'users.0.id'],
  ])('refuses %s', async (_what, body, path) => {
    const answer = await admin.post<Problem>('/api/users', body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  });

  it.each(['ban', 'unban', 'revoke'] as const)('can %s', async (action) => {
    const { status, body } = await admin.post<OwnUserView>(`/api/users/bob/${action}`, undefined);
    expect({ status, is_banned: body.is_banned }).toEqual({ status: 200, is_banned: action === 'ban' });
    expect(rest.users.asked(ChangeAccess)).toEqual({ actorRole: 'admin', userId: 'bob', action });
  });

  it('is for admins only', async () => {
    const answers = await Promise.all([
      rest.alice.post<Problem>('/api/users', { users: [{ id: 'eve' }] }),
      put<Problem>(rest.alice, '/api/users/eve', {}),
      rest.alice.post<Problem>('/api/users/eve/ban', undefined),
      rest.alice.post<Problem>('/api/users/eve/unban', undefined),
      rest.alice.post<Problem>('/api/users/eve/revoke', undefined),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [403, 'admin_only']));
  });
});

describe('a word that is a route of its own is nobody’s id', () => {
  it.each(['me', 'search?q=a', 'blocked'])('GET /api/users/%s', async (word) => {
    expect((await rest.alice.get(`/api/users/${word}`)).status).toBe(200);
  });

  it('PUT /api/users/me', async () => {
    expect((await put(rest.alice, '/api/users/me', {})).status).toBe(200);
  });
});

describe('a user who may not come in', () => {
  const nowS = Math.floor(Date.now() / 1_000);

  it('is refused with the reason', async () => {
    rest.messaging.access.set('banned', { isBanned: true, revokedAt: null });
    const { status, body } = await rest.as({ sub: 'banned' }).get<Problem>('/api/conversations');
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'user_banned' });
  });

  it('comes in with a newer token', async () => {
    rest.messaging.access.set('late', { isBanned: false, revokedAt: new Date(nowS * 1_000 + 500).toISOString() });
    for (const iat of [undefined, nowS - 1, nowS]) {
      const { status, body } = await rest.as({ sub: 'late', iat }).get<Problem>('/api/users/me');
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_token' });
    }
    expect((await rest.as({ sub: 'late', iat: nowS + 1 }).get('/api/users/me')).status).toBe(200);
  });
});
