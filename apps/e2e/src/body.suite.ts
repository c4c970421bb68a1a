import type { ViewedConversation } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import type { Deployment, RestAnswer } from '@parley/testing';
import { asShownToAll, ChatScene, type Person, transports } from './chat.scene';
import { nested, unknownTargets, wrongBodies } from './wrong.bodies';

interface Refusal {
  readonly status: number;
  readonly code: string;
}

const malformed: Refusal = { status: 400, code: 'malformed_request' };
const invalid: Refusal = { status: 422, code: 'validation_failed' };

/** What requests may bring that they should not: it is refused, and nothing comes of it. */
export function bodySuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;
  let conversation: ViewedConversation;
  let path: string;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
    conversation = await alice.openGroup([bob]);
    path = `/api/conversations/${conversation.id}/messages`;
  });
  afterAll(() => scene.end());
  afterEach(async () => {
    // Whatever was tried: the process serves, and nothing of it was stored.
    await expect(alice.rest().get('/health')).resolves.toMatchObject({ status: 200 });
  });

  const raw = (content: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<RestAnswer<Problem>> =>
    alice.rest().post<Problem>(path, undefined, { raw: content, headers: { 'content-type': type } });

  const expectRefusal = ({ status, headers, body }: RestAnswer<Problem>, refusal: Refusal): void => {
    expect({ status, code: body.code }).toEqual(refusal);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      status: refusal.status,
      title: expect.any(String),
      type: expect.any(String),
      detail: expect.any(String),
      retryable: false,
      request_id: headers.get('x-request-id'),
    });
  };

  describe('a body', () => {
    it.each(wrongBodies)('with %s is refused with 422 that names the place', async (_, body) => {
      const answer = await alice.rest().post<Problem>(path, body);
      expectRefusal(answer, invalid);
      expect(answer.body.errors?.length).toBeGreaterThan(0);
    });

    it.each(unknownTargets)('with %s is refused with 422', async (_, body, code) => {
      expectRefusal(await alice.rest().post<Problem>(path, body), { status: 422, code });
    });

    it.each([
      ['is empty', '', malformed],
      ['is no JSON', '{"content":', malformed],
      ['has a comma too much', '{"content":"a",}', malformed],
      ['is single-quoted', "{'content':'a'}", malformed],
      ['has NaN', '{"content":NaN}', malformed],
      ['is not UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), malformed],
      ['is a list', '[{"content":"a"}]', invalid],
      ['is null', 'null', invalid],
      ['is a number', '1', invalid],
      ['is text', '"content"', invalid],
      ['sets __proto__', '{"content":"a","__proto__":{"admin":true}}', malformed],
      ['sets __proto__ in metadata', '{"content":"a","metadata":{"__proto__":{"admin":true}}}', malformed],
      ['is ten thousand objects deep', `{"content":"a","metadata":${nested(10_000)}}`, invalid],
    ] as const)('that %s is refused', async (_, content, refusal) => {
      expectRefusal(await raw(content), refusal);
    });

    it.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/octet-stream'])(
      'of type %s is refused with 415',
      async (type) => {
        expectRefusal(await raw('{"content":"a"}', type), { status: 415, code: 'unsupported_media_type' });
      },
    );

    it('of more than a megabyte is refused with 413', async () => {
      const answer = await raw(JSON.stringify({ content: 'a', pad: 'x'.repeat(1_048_576) }));
      expectRefusal(answer, { status: 413, code: 'payload_too_large' });
    });

    it('may have fields that nobody knows, and those that only the server sets: they are ignored', async () => {
      const message = await alice.send(conversation.id, {
        content: 'mine',
        sender_id: bob.id,
        id: '1',
        seq: 900,
        created_at: '1999-01-01T00:00:00.000Z',
        role: 'admin',
        colour: 'blue',
      });
      expect(message).toMatchObject({ sender_id: alice.id });
      expect(message.seq).toBeLessThan(900);
      expect(message.created_at).not.toMatch(/^1999/);
      expect(message).not.toHaveProperty('colour');
    });
  });

  it.each([
    ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
    ['SQL', "'; DROP TABLE messages; --"],
    ['bidirectional and zero-width marks', '\u202eabc\u202c \u200d\u200b\ufeff'],
    ['piles of combining marks', `Z${'\u0300\u0489'.repeat(200)}`],
    ['emoji of several code points', '👩‍👩‍👧‍👦🏳️‍🌈'],
    ['5000 characters of two units each', '𝄞'.repeat(5_000)],
    ['blanks and line ends', '  \r\n\t a \u2028 '],
    ['a backslash, quotes and escapes', '\\u0000 "\\" \\n'],
    ['what looks like JSON', '{"type":"ack","ok":true}'],
  ])('keeps %s exactly as sent, in answers, events and history', async (_, content) => {
    const metadata = { constructor: 'x', prototype: null, [content.slice(0, 50)]: [content.slice(0, 50), 1.5, null] };
    const devices = await Promise.all(transports.map((transport) => bob.online(transport, { gateway: 1 })));
    const message = await alice.send(conversation.id, { content, metadata });
    expect(message).toMatchObject({ content, metadata });
    for (const device of devices) {
      const heard = await device.nextEvent('new_message');
      expect(asShownToAll(heard.message)).toEqual(asShownToAll(message));
      device.close();
    }
    const history = await bob.history(conversation.id);
    expect(history.slice(-1).map(asShownToAll)).toEqual([asShownToAll(message)]);
  });

  it('answers 404 with a problem where there is no route', async () => {
    for (const [method, target] of [
      ['GET', '/api/nothing'],
      ['GET', '/api/conversations/1/nothing'],
      ['DELETE', '/api/conversations'],
      ['GET', '/api/%ZZ'],
    ] as const) {
      const { status, body } = await alice.rest().call<Problem>(method, target);
      expect([400, 404, 405]).toContain(status);
      expect(body).toMatchObject({ status, code: expect.any(String), request_id: expect.any(String) });
    }
  });
}
