import type { UserView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { nowS, RestClient } from '@parley/testing';
import { RestScene } from '../testing/rest.scene';

describe('a route that needs a token', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  it.each([
    ['without a token', undefined, 'invalid_token'],
    ['with another scheme', 'Basic YTpi', 'invalid_token'],
    ['with what is no token', 'Bearer nonsense', 'invalid_token'],
  ])('refuses a request %s', async (_what, authorization, code) => {
    const headers = authorization === undefined ? {} : { headers: { authorization } };
    for (const path of ['/api/conversations', '/api/conversations/1', '/api/users/me', '/api/users/bob']) {
      const answer = await rest.anybody.get<Problem>(path, headers);
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code, detail: 'Invalid token' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('refuses an expired token by a code of its own', async () => {
    const { status, body } = await rest.as({ sub: 'alice', exp: nowS() - 120 }).get<Problem>('/api/users/me');
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'token_expired', detail: 'Invalid token' });
  });

  it('refuses a body without reading it when there is no token', async () => {
    const { status } = await rest.anybody.post('/api/conversations/1/messages', { content: '' });
    expect(status).toBe(401);
  });

  it('takes no token from the query', async () => {
    const { status } = await rest.anybody.get(`/api/users/me?token=${rest.tokenOf({ sub: 'alice' })}`);
    expect(status).toBe(401);
  });
});

describe('the development issuer', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start({
      AUTH_DEV_ISSUER: 'true',
      JWT_ISSUER: 'https://issuer.example',
      JWT_AUDIENCE: 'chat',
    });
  });
  afterAll(() => rest.stop());

  const ask = (body: unknown) =>
    rest.anybody.post<{ token: string; user_id: string; expires_at: string }>('/api/auth/dev-token', body);

  it('gives anybody a token that is good for a day', async () => {
    const { status, body } = await ask({ user_id: 'ivan', name: 'Ivan', email: 'ivan@example.org', role: 'moderator' });
    expect(status).toBe(201);
    expect(body.user_id).toBe('ivan');
    const hours = (Date.parse(body.expires_at) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const me = await new RestClient(rest.url, body.token).get('/api/users/me');
    expect(me.body).toMatchObject({ id: 'ivan', display_name: 'Ivan', email: 'ivan@example.org', role: 'moderator' });
  });

  it('makes the profile at once, so that others find the user', async () => {
    const { body } = await ask({ user_id: 'judy', name: null });
    await ask({ user_id: 'kim', name: 'Kim' });
    const { status, body: kim } = await new RestClient(rest.url, body.token).get<UserView>('/api/users/kim');
    expect(status).toBe(200);
    expect(kim.display_name).toBe('Kim');
  });

  it.each([{}, { user_id: '' }, { user_id: 'a'.repeat(256) }, { user_id: 7 }, { user_id: 'a', name: 'a'.repeat(101) }])(
    'refuses %j',
    async (body) => {
      expect((await ask(body)).status).toBe(422);
    },
  );
});

describe('without a development issuer', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  it.each([{ user_id: 'alice' }, {}])('there is no route for it, whatever is sent: %j', async (body) => {
    const answer = await rest.anybody.post<Problem>('/api/auth/dev-token', body);
    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('route_not_found');
  });
});
