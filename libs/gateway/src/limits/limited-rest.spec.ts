import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenAPIObject } from '@nestjs/swagger';
import { nowS, type RestAnswer, type RestClient } from '@parley/testing';
import { RestScene } from '../http/testing/rest.scene';

const folder = mkdtempSync(path.join(tmpdir(), 'parley-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

function startWith(table: object, env: Readonly<Record<string, string>> = {}): Promise<RestScene> {
  const file = path.join(folder, 'limits.json');
  writeFileSync(file, JSON.stringify(table));
  return RestScene.start({ RATE_LIMITS: 'on', RATE_LIMITS_FILE: file, ...env });
}

const send = (user: RestClient, body: unknown = { content: 'Hi' }) =>
  user.post<Record<string, unknown>>('/api/conversations/1/messages', body);
const create = (user: RestClient) =>
  user.post<Record<string, unknown>>('/api/conversations', { type: 'group', title: 'x', participant_ids: ['alice'] });
const read = (user: RestClient) => user.get<Record<string, unknown>>('/api/users/me');

/** As much of the docs of a route as is about limits. */
interface Operation {
  readonly security?: object[];
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
}

/** What an answer tells: status, limit and what remains of it. */
const told = ({ status, headers }: RestAnswer) => [
  status,
  Number(headers.get('x-ratelimit-limit')),
  Number(headers.get('x-ratelimit-remaining')),
];

describe('REST with limits', () => {
  let rest: RestScene;

  describe('as they are by default', () => {
    beforeAll(async () => (rest = await startWith({})));
    afterAll(() => rest.stop());

    it('tells with every answer how often the same may be done', async () => {
      const [student, teacher] = [rest.as({ sub: 'student' }), rest.as({ sub: 'teacher', role: 'teacher' })];
      expect(told(await read(student))).toEqual([200, 100, 99]);
      expect(told(await read(teacher))).toEqual([200, 100, 99]);
      expect(told(await create(student))).toEqual([201, 5, 4]);
      expect(told(await create(teacher))).toEqual([201, 8, 7]);
      expect(told(await send(student)).slice(1)).toEqual([10, 9]);
      expect(told(await send(teacher)).slice(1)).toEqual([20, 19]);
    });

    it('tells it with errors, too, and counts what was wrong', async () => {
      const user = rest.as({ sub: 'careless' });
      const stranger = await user.post('/api/conversations/2/messages', { content: 'Hi' });
      expect(told(stranger)).toEqual([403, 10, 9]);
      expect(told(await send(user, { content: '' }))).toEqual([422, 10, 8]);
      expect(told(await user.get('/api/conversations/99'))).toEqual([404, 100, 97]);
    });

    it('says until when, in seconds since 1970', async () => {
      const before = nowS();
      const { headers } = await create(rest.as({ sub: 'patient' }));
      const reset = Number(headers.get('x-ratelimit-reset'));
      expect(reset).toBeGreaterThanOrEqual(before + 300);
      expect(reset).toBeLessThanOrEqual(nowS() + 301);
    });

    it('limits by the role of the token, whatever the user claims to be', async () => {
      const claims = { sub: 'boaster', role: 'authenticated', user_metadata: { role: 'admin' } };
      expect(told(await send(rest.as(claims))).slice(1)).toEqual([10, 9]);
      expect(told(await send(rest.as({ sub: 'boss', app_metadata: { role: 'admin' } }))).slice(1)).toEqual([50, 49]);
    });

    it.each(['/health', '/health/live', '/openapi.json', '/docs', '/redoc', '/no-such-route'])(
      'limits nobody at %s',
      async (target) => {
        const { headers } = await rest.alice.get(target);
        expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
      },
    );

    it('counts nobody who shows no token', async () => {
      const { status, headers } = await rest.anybody.get('/api/users/me');
      expect([status, headers.get('x-ratelimit-limit')]).toEqual([401, null]);
    });
  });

  describe('where one is reached', () => {
    const table = { message_send: { limit: 2, window: 60 }, api: { limit: 5, window: 60 } };
    beforeEach(async () => (rest = await startWith(table)));
    afterEach(() => rest.stop());

    it('answers 429 with the problem, and when to come back', async () => {
      await send(rest.alice);
      await send(rest.alice);
      const refused = await send(rest.alice);
      expect(told(refused)).toEqual([429, 2, 0]);
      const retryAfter = Number(refused.headers.get('retry-after'));
      const reset = Number(refused.headers.get('x-ratelimit-reset'));
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(refused.body).toEqual({
        error: 'Rate limit exceeded',
        message: 'Too many message_send requests',
        rate_limit_info: {
          limit_type: 'message_send',
          current_count: 3,
          limit: 2,
          window: 60,
          reset_time: reset,
          remaining: 0,
        },
        retry_after: retryAfter,
        type: 'urn:parley:error:rate_limited',
        title: 'Rate limited',
        status: 429,
        detail: 'Too many message_send requests',
        code: 'rate_limited',
        retryable: true,
        request_id: refused.headers.get('x-request-id'),
      });
    });

    it('refuses nobody else, and nothing else', async () => {
      const bob = rest.as({ sub: 'bob' });
      for (let n = 0; n < 3; n++) await send(rest.alice);
      expect(told(await send(bob)).slice(1)).toEqual([2, 1]);
      expect(told(await read(rest.alice))).toEqual([200, 5, 1]);
    });

    it('counts a user’s tokens and addresses as one', async () => {
      const elsewhere = rest.as({ sub: 'alice', name: 'Alice on the phone' });
      await send(rest.alice);
      const forwarded = { headers: { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' } };
      expect(told(await elsewhere.post('/api/conversations/1/messages', { content: 'Hi' }, forwarded))[2]).toBe(0);
      expect((await send(rest.alice)).status).toBe(429);
    });

    it('counts a repeated send as another', async () => {
      const body = { content: 'Hi', client_message_id: 'c-1' };
      expect(told(await send(rest.alice, body)).slice(2)).toEqual([1]);
      expect(told(await send(rest.alice, body)).slice(2)).toEqual([0]);
    });

    it('counts a send against all requests, and the refused ones, too', async () => {
      for (let n = 0; n < 4; n++) await send(rest.alice);
      expect(told(await read(rest.alice))).toEqual([200, 5, 0]);
      const refused = await send(rest.alice);
      expect(told(refused)).toEqual([429, 5, 0]);
      expect(refused.body).toMatchObject({ rate_limit_info: { limit_type: 'api', current_count: 6 } });
    });
  });

  it('lets users in again when the window has passed, however often they tried in between', async () => {
    rest = await startWith({ message_send: { limit: 1, window: 1 } });
    try {
      await send(rest.alice);
      const resets: number[] = [];
      for (;;) {
        const { status, headers } = await send(rest.alice);
        if (status !== 429) break;
        resets.push(Number(headers.get('x-ratelimit-reset')));
        await delay(50);
      }
      expect(resets).not.toEqual([]);
      // Rounded up to seconds.
      expect(Math.max(...resets) - Math.min(...resets)).toBeLessThanOrEqual(1);
    } finally {
      await rest.stop();
    }
  });

  it('limits nobody where limits are off', async () => {
    rest = await startWith({ api: { limit: 1, window: 60 } }, { RATE_LIMITS: 'off' });
    await read(rest.alice);
    const { status, headers } = await read(rest.alice);
    expect([status, headers.get('x-ratelimit-limit')]).toEqual([200, null]);
    await rest.stop();
  });

  it('has limits in the docs of every route that needs a token', async () => {
    rest = await startWith({});
    const { paths } = (await rest.anybody.get<OpenAPIObject>('/openapi.json')).body;
    const limitHeaders = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods as Record<string, Operation>));
    for (const { security, responses } of operations) {
      const needsToken = security !== undefined;
      expect(Object.keys(responses['429']?.headers ?? {})).toEqual(needsToken ? [...limitHeaders, 'Retry-After'] : []);
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        if (status < '300') expect(Object.keys(headers)).toEqual(needsToken ? limitHeaders : []);
      }
    }
    await rest.stop();
  });
});
