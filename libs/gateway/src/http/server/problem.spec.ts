import { once } from 'node:events';
import { connect } from 'node:net';
import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

const messages = '/api/conversations/1/messages';

describe('what a client did wrong', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  it('is told in a problem document that names the request', async () => {
    const headers = { 'x-request-id': 'client.7_a-B' };
    const { body, headers: answered } = await rest.alice.get<Problem>('/api/conversations/9', { headers });
    expect(answered.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answered.get('x-request-id')).toBe('client.7_a-B');
    expect(body).toEqual({
      type: 'urn:parley:error:conversation_not_found',
      title: 'Conversation not found',
      status: 404,
      detail: 'Conversation not found',
      code: 'conversation_not_found',
      retryable: false,
      request_id: 'client.7_a-B',
    });
    expect(rest.messaging.requestIds.at(-1)).toBe('client.7_a-B');
  });

  it.each(['', 'a b', 'a'.repeat(200), '{"a":1}'])('is told under a new name where the given one is %j', async (id) => {
    const { body, headers } = await rest.alice.get<Problem>('/api/conversations/9', {
      headers: { 'x-request-id': id },
    });
    expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-request-id')).toBe(body.request_id);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string, number, string]>([
    ['broken JSON', '{"content": ', 'application/json', 400, 'malformed_request'],
    ['an empty body', '', 'application/json', 400, 'malformed_request'],
    ['__proto__', '{"content":"a","metadata":{"__proto__":{"a":1}}}', 'application/json', 400, 'malformed_request'],
    ['no UTF-8', Buffer.from('{"content":"\xe9"}', 'latin1'), 'application/json', 400, 'malformed_request'],
    ['a form', 'content=a', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['XML', '<content/>', 'application/xml', 415, 'unsupported_media_type'],
    ['plain text', 'Hello', 'text/plain', 415, 'unsupported_media_type'],
    ['a multipart form', '--a--', 'multipart/form-data; boundary=a', 415, 'unsupported_media_type'],
    ['more than 1 MiB', `{"content":"${'a'.repeat(1_048_576)}"}`, 'application/json', 413, 'payload_too_large'],
    ['a list', '[]', 'application/json', 422, 'validation_failed'],
    ['a number', '7', 'application/json', 422, 'validation_failed'],
    ['null', 'null', 'application/json', 422, 'validation_failed'],
    ['nothing of what it needs', '{}', 'application/json', 422, 'validation_failed'],
    ['no text for content', '{"content":{"$ne":""}}', 'application/json', 422, 'validation_failed'],
    ['a lone surrogate', String.raw`{"content":"\ud800"}`, 'application/json', 422, 'validation_failed'],
    [
      'NUL in metadata',
      String.raw`{"content":"a","metadata":{"b":"\u0000"}}`,
      'application/json',
      422,
      'validation_failed',
    ],
    [
      'ten thousand lists in each other',
      `{"content":"a","metadata":{"b":${'['.repeat(7_000)}${']'.repeat(7_000)}}}`,
      'application/json',
      422,
      'validation_failed',
    ],
    [
      'half a million lists in each other',
      `${'['.repeat(500_000)}${']'.repeat(500_000)}`,
      'application/json',
      422,
      'validation_failed',
    ],
    [
      'a hundred thousand keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, 1]))),
      'application/json',
      422,
      'validation_failed',
    ],
  ])('answers a body with %s', async (_what, raw, contentType, status, code) => {
    const answer = await rest.alice.post<Problem>(messages, undefined, {
      raw,
      headers: { 'content-type': contentType },
    });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, status, retryable: false });
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream', 'multipart/form-data'])(
    'is not that it calls nothing %s',
    async (type) => {
      const nothing = { raw: '', headers: { 'content-type': type, 'content-length': '0' } };
      expect(await rest.alice.post('/api/conversations/1/read', undefined, nothing)).toMatchObject({ status: 200 });
      const remove = { headers: { 'content-type': type } };
      expect(await rest.alice.call('DELETE', '/api/conversations/1', undefined, remove)).toMatchObject({ status: 200 });
      const answer = await rest.alice.post<Problem>(messages, undefined, nothing);
      expect(answer.body).toMatchObject({ code: 'malformed_request', detail: 'The request has no body' });
    },
  );

  it('names the place of each mistake', async () => {
    const { status, body } = await rest.alice.post<Problem>('/api/conversations', {
      type: 'party',
      participant_ids: ['bob', 7],
    });
    expect(status).toBe(422);
    expect(body.errors?.map(({ path }) => path)).toEqual(['type', 'participant_ids.1']);
  });

  it('names fifty mistakes at most', async () => {
    const participant_ids = Array.from({ length: 1_000 }, () => 7);
    const { body } = await rest.alice.post<Problem>('/api/conversations', { type: 'group', participant_ids });
    expect(body.errors).toHaveLength(50);
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api'],
    ['GET', '/api/ws'],
    ['GET', '/api/conversations/1/nothing'],
    ['DELETE', '/api/conversations//1'],
    ['GET', '/docs/LICENSE'],
    ['GET', '/docs/../../package.json'],
    ['GET', '/docs/%2e%2e/package.json'],
  ])('answers %s %s with 404', async (method, path) => {
    const { status, body } = await rest.alice.call<Problem>(method, path);
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'route_not_found', detail: 'There is no such route' });
  });

  it.each([
    ['DELETE', '/api/conversations', 'GET, HEAD, POST'],
    ['DELETE', '/api/conversations/?limit=1', 'GET, HEAD, POST'],
    ['POST', '/api/conversations/1', 'DELETE, GET, HEAD, PATCH, PUT'],
    ['POST', '/health', 'GET, HEAD'],
    ['OPTIONS', '/api/messages/1/pin', 'DELETE, PUT'],
  ])('answers %s %s with 405 and the methods that there are', async (method, path, allowed) => {
    const { status, body, headers } = await rest.alice.call<Problem>(method, path);
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allowed);
    expect(body).toMatchObject({ code: 'method_not_allowed', status: 405 });
  });

  it.each([
    ['that cannot be decoded', '/api/%zz'],
    ['with an id that cannot be decoded', '/api/users/%ff'],
    ['with an endless id', `/api/users/${'a'.repeat(5_000)}`],
  ])('answers a path %s', async (_what, path) => {
    const { status, body, headers } = await rest.alice.get<Problem>(path);
    expect(status).toBe(400);
    expect(body.code).toBe('malformed_request');
    expect(headers.get('x-request-id')).toBe(body.request_id);
  });

  it('is told to who speaks no HTTP, too', async () => {
    const answer = await sayRaw('NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(problemIn(answer)).toMatchObject({ code: 'malformed_request', status: 400 });
  });

  it('is told to who sends too much of a header', async () => {
    const answer = await sayRaw(`GET / HTTP/1.1\r\nHost: a\r\nX-Much: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(problemIn(answer)).toMatchObject({ code: 'payload_too_large', status: 413 });
  });

  it('is told to who is still sending too large a body, and whose next request is heard', async () => {
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1').setEncoding('utf8');
    const size = 2_000_000;
    socket.write(
      `POST ${messages} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
    );
    const [refusal] = (await once(socket, 'data')) as [string];
    expect(refusal).toMatch(/^HTTP\/1\.1 413 /);
    let next = '';
    socket.on('data', (chunk: string) => (next += chunk));
    socket.write('x'.repeat(size));
    socket.end(`GET ${messages} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    expect(next).toMatch(/HTTP\/1\.1 401 /);
  });

  async function sayRaw(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1').setEncoding('utf8');
    socket.write(bytes);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  const problemIn = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('{')));
});

describe('what went wrong on our side', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  it('asks to come back when the service is unavailable', async () => {
    rest.messaging.failNext('messaging.conversation.get', 'service_unavailable');
    const { status, body, headers } = await rest.alice.get<Problem>('/api/conversations/1');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'service_unavailable', retryable: true });
    expect(headers.get('retry-after')).toBe('1');
  });

  it('gives nothing away', async () => {
    rest.messaging.failNext('messaging.conversation.get', new Error('the password is swordfish'));
    const { status, body } = await rest.alice.get<Problem>('/api/conversations/1');
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'internal_error', detail: 'Something went wrong on our side' });
    expect(JSON.stringify(body)).not.toContain('swordfish');
  });

  it('lets nobody in whose profile could not be made', async () => {
    rest.messaging.failNext('messaging.user.ensure', 'service_unavailable');
    const { status } = await rest.as({ sub: 'henry' }).get('/api/conversations');
    expect(status).toBe(503);
  });

  it('is told once in the log, what clients did is not', async () => {
    const lines: unknown[] = [];
    rest.logTo(lines);
    await rest.alice.get('/api/conversations/nowhere');
    await rest.anybody.get('/api/conversations/nowhere');
    await goAwayAmidBody(rest);
    expect(lines).toEqual([]);
    rest.messaging.failNext('messaging.conversation.get', 'service_unavailable');
    await rest.alice.get('/api/conversations/1?token=a.b.c', { headers: { 'x-request-id': 'r-9' } });
    expect(lines).toEqual([expect.objectContaining({ requestId: 'r-9', code: 'service_unavailable' })]);
    expect(JSON.stringify(lines)).not.toContain('a.b.c');
  });
});

/** Resolves once the server has noticed. */
async function goAwayAmidBody(rest: RestScene): Promise<void> {
  const socket = connect(Number(new URL(rest.url).port), '127.0.0.1');
  const headers = [
    'Host: a',
    `Authorization: Bearer ${rest.tokenOf({ sub: 'alice' })}`,
    'Content-Type: application/json',
    'Content-Length: 100',
    'Expect: 100-continue',
  ];
  socket.write(['POST /api/conversations/1/messages HTTP/1.1', ...headers, '', '{"content"'].join('\r\n'));
  await once(socket, 'data');
  socket.resetAndDestroy();
  await once(socket, 'close');
  await rest.alice.get('/health');
}
