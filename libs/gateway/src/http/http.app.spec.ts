import { RestScene } from './testing/rest.scene';

describe('browsers of other origins', () => {
  const origin = 'https://app.example';
  const preflight = (rest: RestScene, from: string) =>
    rest.anybody.call('OPTIONS', '/api/conversations', undefined, {
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
  let rest: RestScene;

  afterEach(() => rest.stop());

  it('are let in by name', async () => {
    rest = await RestScene.start({ CORS_ORIGINS: `https://other.example,${origin}` });
    const { status, headers } = await preflight(rest, origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    const answer = await rest.anybody.get('/api/conversations', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('are not let in under another name', async () => {
    rest = await RestScene.start({ CORS_ORIGINS: origin });
    const { headers } = await preflight(rest, 'https://evil.example');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each([
    ['named', { CORS_ORIGINS: 'https://app.example' }],
    ['configured', {}],
  ])('hear that it is their origin that is not allowed, where it is not %s', async (_, env) => {
    rest = await RestScene.start(env);
    const warnings: unknown[] = [];
    rest.logTo(warnings);
    for (let n = 0; n < 3; n++) {
      const { status, headers, body } = await preflight(rest, 'https://evil.example');
      expect(status).toBe(403);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(body).toMatchObject({ status: 403, code: 'origin_not_allowed', request_id: headers.get('x-request-id') });
      expect(JSON.stringify([body, ...headers])).not.toContain('app.example');
    }
    expect(warnings).toEqual([expect.stringContaining('CORS_ORIGINS')]);
  });

  it.each([
    ['without an origin', { 'access-control-request-method': 'POST' }],
    ['that ask for no method', { origin: 'https://evil.example' }],
    ['of no browser', {}],
  ])('are not meant by OPTIONS %s: it is a method that the route does not have', async (_, headers) => {
    rest = await RestScene.start();
    const answer = await rest.anybody.call('OPTIONS', '/api/conversations', undefined, { headers });
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
  });

  it('get the same answers as everybody to what is no preflight', async () => {
    rest = await RestScene.start();
    const { status, body } = await rest.anybody.get('/api/conversations', { headers: { origin } });
    expect({ status, body }).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect((await rest.alice.get('/api/users/me', { headers: { origin } })).status).toBe(200);
  });

  it('are all let in by a star', async () => {
    rest = await RestScene.start({ CORS_ORIGINS: '*' });
    expect((await preflight(rest, origin)).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('are kept out where nothing is configured', async () => {
    rest = await RestScene.start();
    const { headers } = await rest.anybody.get('/api/conversations', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a gateway that closes', () => {
  it('still answers the request in flight, and refuses the next one on its connection', async () => {
    const rest = await RestScene.start();
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
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start({ CORS_ORIGINS: 'https://app.example' });
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
