import type { Problem } from '@parley/errors';
import type { UserView } from '@parley/contracts';
import { RestClient } from '@parley/testing';
import { RestSuite } from './testing/rest.suite';

describe('the development issuer', () => {
  let rest: RestSuite;

  beforeAll(async () => {
    rest = await RestSuite.start({
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
  let rest: RestSuite;

  beforeAll(async () => {
    rest = await RestSuite.start();
  });
  afterAll(() => rest.stop());

  it.each([{ user_id: 'alice' }, {}])('there is no route for it, whatever is sent: %j', async (body) => {
    const answer = await rest.anybody.post<Problem>('/api/auth/dev-token', body);
    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('route_not_found');
  });
});

describe('browsers of other origins', () => {
  const origin = 'https://app.example';
  const preflight = (rest: RestSuite, from: string) =>
    rest.anybody.call('OPTIONS', '/api/conversations', undefined, {
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  let rest: RestSuite;

  afterEach(() => rest.stop());

  it('are let in by name', async () => {
    rest = await RestSuite.start({ CORS_ORIGINS: `https://other.example,${origin}` });
    const { status, headers } = await preflight(rest, origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const answer = await rest.anybody.get('/api/conversations', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('are not let in under another name', async () => {
    rest = await RestSuite.start({ CORS_ORIGINS: origin });
    const { headers } = await preflight(rest, 'https://evil.example');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are all let in by a star', async () => {
    rest = await RestSuite.start({ CORS_ORIGINS: '*' });
    expect((await preflight(rest, origin)).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('are kept out where nothing is configured', async () => {
    rest = await RestSuite.start();
    const { headers } = await rest.anybody.get('/api/conversations', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a gateway that closes', () => {
  it('still answers the request in flight, and refuses the next one on its connection', async () => {
    const rest = await RestSuite.start();
    const held = rest.messaging.holdNext('messaging.conversation.get');
    const inFlight = rest.alice.get('/api/conversations/1');
    await held.reached;
    const stopped = rest.stop();
    held.release();
    expect((await inFlight).status).toBe(200);
    await stopped;
    await expect(rest.alice.get('/api/conversations/1')).rejects.toThrow();
  });
});

describe('a script of another origin', () => {
  let rest: RestSuite;

  beforeAll(async () => {
    rest = await RestSuite.start({ CORS_ORIGINS: 'https://app.example' });
  });
  afterAll(() => rest.stop());

  it('may read the headers that say something', async () => {
    const { headers } = await rest.alice.get('/api/users/me', { headers: { origin: 'https://app.example' } });
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, */);
    expect(exposed?.sort()).toEqual([
      'accept-ranges',
      'content-disposition',
      'content-range',
      'etag',
      'retry-after',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
      'x-request-id',
    ]);
  });

  it('may not where its origin is none that was configured', async () => {
    const { headers } = await rest.alice.get('/api/users/me', { headers: { origin: 'https://evil.example' } });
    expect(headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  });
});
