import type { Problem } from '@parley/errors';
import {
  type Ack,
  type ChatClient,
  type Connect,
  type ConnectOptions,
  type Deployment,
  nowS,
  plainClient,
  RestClient,
  signToken,
  socketIoClient,
} from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';

/** Later than the 60 seconds by which clocks may differ. */
const longAgo = () => nowS() - 3_600;

/** Tokens that nobody may come in with, by what is wrong with them. */
const badTokens: readonly (readonly [what: string, code: string, token: (person: Person, secret: string) => string])[] =
  [
    ['is no token', 'invalid_token', () => 'not-a-token'],
    ['has three parts of nonsense', 'invalid_token', () => 'a.b.c'],
    [
      'is signed with another secret',
      'invalid_token',
      ({ id }) => signToken({ sub: id }, 'another secret of somebody else'),
    ],
    ['has lost its signature', 'invalid_token', ({ token }) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['was altered', 'invalid_token', ({ token }) => forge(token)],
    ['says that it is unsigned', 'invalid_token', ({ id }, secret) => signToken({ sub: id }, secret, { alg: 'none' })],
    ['uses another hash', 'invalid_token', ({ id }, secret) => signToken({ sub: id }, secret, { alg: 'HS512' })],
    ['claims to be asymmetric', 'invalid_token', ({ id }, secret) => signToken({ sub: id }, secret, { alg: 'RS256' })],
    ['has expired', 'token_expired', (person) => person.sign({ exp: longAgo() })],
    ['is not valid yet', 'invalid_token', (person) => person.sign({ nbf: nowS() + 3_600 })],
    ['names nobody', 'invalid_token', (person) => person.sign({ sub: undefined })],
    ['names an empty user', 'invalid_token', (person) => person.sign({ sub: '' })],
    ['names a user by number', 'invalid_token', (person) => person.sign({ sub: 42 })],
    ['names a user with NUL', 'invalid_token', (person) => person.sign({ sub: 'a\u0000b' })],
    ['names a user of 256 characters', 'invalid_token', (person) => person.sign({ sub: 'u'.repeat(256) })],
    ['is longer than a header may be', 'invalid_token', (person) => person.sign({ pad: 'x'.repeat(9_000) })],
  ];

/** The same token for another user, under the old signature. */
function forge(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ sub: 'admin', exp: nowS() + 3_600 })).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

async function authenticate(device: ChatClient, token: unknown): Promise<Ack<{ expires_at: string }>> {
  return device.emitWithAck('authenticate', { token });
}

export function authSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;

  beforeEach(async () => {
    scene = new ChatScene(deployment());
    alice = scene.newcomer('alice');
  });
  afterEach(() => scene.end());

  describe.each(badTokens)('a token that %s', (_, code, make) => {
    const tokenOf = (person: Person): string => make(person, deployment().secret);

    it('is refused by REST with 401 and the problem', async () => {
      const { status, headers, body } = await new RestClient(scene.url(), tokenOf(alice)).get<Problem>(
        '/api/conversations',
      );
      expect({ status, code: body.code }).toEqual({ status: 401, code });
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    });

    it('is refused by Socket.IO before the connection, with the problem as data', async () => {
      const { problem } = await alice.connect('socket.io', { token: tokenOf(alice) }).closed;
      expect(problem).toMatchObject({ status: 401, code });
    });

    it('is refused by plain WebSocket with close code 4401', async () => {
      const device = alice.connect('plain', { token: tokenOf(alice) });
      await expect(device.closed).resolves.toMatchObject({ code: 4401 });
      await expect(device.session).rejects.toThrow('4401');
    });
  });

  describe('no token', () => {
    it.each(['/api/conversations', '/api/conversations/1', '/api/conversations/1/messages', '/api/users/me'])(
      'is refused at %s',
      async (path) => {
        const { status, body } = await new RestClient(scene.url()).get<Problem>(path);
        expect({ status, code: body.code, detail: body.detail }).toEqual({
          status: 401,
          code: 'invalid_token',
          detail: 'Invalid token',
        });
      },
    );

    it('is refused by both transports', async () => {
      await expect(scene.open('socket.io', 0, undefined).closed).resolves.toMatchObject({
        problem: { status: 401, code: 'invalid_token' },
      });
      await expect(scene.open('plain', 0, undefined).closed).resolves.toMatchObject({ code: 4401 });
    });

    it('is not made up for by a cookie', async () => {
      const headers = { cookie: `token=${alice.token}; access_token=${alice.token}` };
      await expect(scene.open('plain', 0, undefined, { headers }).closed).resolves.toMatchObject({ code: 4401 });
      const { status } = await new RestClient(scene.url()).get('/api/users/me', { headers });
      expect(status).toBe(401);
    });
  });

  describe('a good token', () => {
    const places: readonly (readonly [string, Connect, ConnectOptions['tokenIn'] & string])[] = [
      ['auth of Socket.IO', socketIoClient, 'auth'],
      ['header of Socket.IO', socketIoClient, 'header'],
      ['query of Socket.IO', socketIoClient, 'query'],
      ['query of plain WebSocket', plainClient, 'query'],
      ['header of plain WebSocket', plainClient, 'header'],
      ['path of plain WebSocket', plainClient, 'path'],
    ];

    it.each(places)('lets in from the %s', async (_, connect, tokenIn) => {
      const device = connect(scene.url(), alice.token, { tokenIn });
      await expect(device.session).resolves.toMatchObject({ user: { id: alice.id } });
      device.close();
      await device.closed;
    });

    it('makes the profile that others see', async () => {
      const picture = 'https://example.com/a.png';
      const token = alice.sign({ name: 'Alice A.', email: 'alice@example.com', preferred_username: 'al', picture });
      const { body } = await new RestClient(scene.url(), token).get('/api/users/me');
      const profile = { id: alice.id, display_name: 'Alice A.', username: 'al', avatar_url: picture };
      expect(body).toMatchObject({ ...profile, email: 'alice@example.com', role: 'user' });
      const [bob] = await scene.people('bob');
      await expect(bob?.rest(1).get(`/api/users/${encodeURIComponent(alice.id)}`)).resolves.toMatchObject({
        status: 200,
        body: profile,
      });
    });

    it('makes one profile, however many first requests come at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => alice.rest(index).get<{ created_at: string }>('/api/users/me')),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.created_at)).size).toBe(1);
    });

    it('refreshes the profile when its claims have changed', async () => {
      await alice.rest().get('/api/users/me');
      const renamed = new RestClient(scene.url(1), alice.sign({ name: 'Alice B.' }));
      await expect(renamed.get('/api/users/me')).resolves.toMatchObject({ body: { display_name: 'Alice B.' } });
    });

    it.each([
      ['the role of app_metadata', { app_metadata: { role: 'moderator' } }, 'moderator'],
      ['the plain role', { role: 'teacher' }, 'teacher'],
      ['admin for a service role', { role: 'service_role' }, 'admin'],
      ["nothing for Supabase's own word", { role: 'authenticated' }, 'user'],
      ['nothing for what users write themselves', { user_metadata: { role: 'admin' } }, 'user'],
    ])('gives %s', async (_, claims, role) => {
      const { body } = await new RestClient(scene.url(), alice.sign(claims)).get('/api/users/me');
      expect(body).toMatchObject({ role });
    });
  });

  describe.each(transports)('a live socket over %s', (transport) => {
    it('is closed with 4401 when its token expires, unless it was renewed', async () => {
      // Long enough to come in and to renew it in time.
      const soon = alice.sign({ exp: nowS() + 5 });
      const [left, twin, renewed] = await Promise.all([
        alice.online(transport, { token: soon }),
        alice.online(transport, { token: soon, gateway: 1 }),
        alice.online(transport, { token: soon, gateway: 1 }),
      ]);
      const fresh = nowS() + 600;
      const ack = await authenticate(renewed, alice.sign({ exp: fresh }));
      expect(ack).toEqual({ ok: true, data: { expires_at: new Date(fresh * 1_000).toISOString() } });
      await expect(left.closed).resolves.toMatchObject({ code: 4401 });
      // At its own gateway, too, those that were not renewed are gone by now; this one goes on.
      await expect(twin.closed).resolves.toMatchObject({ code: 4401 });
      await expect(renewed.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('keeps its session when a renewal is refused', async () => {
      const [bob] = await scene.people('bob');
      const device = await alice.online(transport);
      const refusals: [unknown, object][] = [
        [bob?.token, { status: 403, code: 'user_mismatch' }],
        [alice.sign({ exp: longAgo() }), { status: 401, code: 'token_expired' }],
        ['nonsense', { status: 401, code: 'invalid_token' }],
        [42, { status: 422, code: 'validation_failed' }],
        [undefined, { status: 422, code: 'validation_failed' }],
      ];
      for (const [token, error] of refusals) {
        expect(await authenticate(device, token)).toMatchObject({ ok: false, error });
      }
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });

    it('is refused to pages of foreign origins', async () => {
      const device = scene.open(transport, 0, alice.token, { headers: { origin: 'https://evil.example' } });
      await expect(device.session).rejects.toThrow();
      expect(device.frames).toEqual([]);
    });
  });
}
