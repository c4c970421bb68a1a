import {
  AddReaction,
  CancelScheduled,
  EditMessage,
  type MessageView,
  PinMessage,
  ScheduleMessage,
} from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('messages over REST', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  const issuesOf = ({ body }: { readonly body: Problem }) => body.errors?.map(({ path }) => path);

  it('answers a sent one with 201 and the message', async () => {
    const body = { content: 'Hello!', message_type: 'text', reply_to_id: null, metadata: { emoji: '👋' } };
    const answer = await rest.alice.post<MessageView>('/api/conversations/1/messages', body);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ conversation_id: '1', content: 'Hello!', sender_id: 'alice' });
    expect(answer.body).toMatchObject({ metadata: { emoji: '👋' }, client_message_id: null });
  });

  it('gives metadata back as sent, whatever its keys are called', async () => {
    const metadata = { constructor: 'Ford', prototype: { toString: 1 }, nested: [{ constructor: null }] };
    const answer = await rest.alice.post<MessageView>('/api/conversations/1/messages', { content: 'Hi', metadata });
    expect(answer.body.metadata).toEqual(metadata);
  });

  it('answers a repeated send with the same message, and another one under its key with 409', async () => {
    const send = (content: string) =>
      rest.alice.post<MessageView>('/api/conversations/1/messages', { content, client_message_id: 'c-1' });
    const first = await send('Once');
    const repeated = await send('Once');
    expect(repeated.status).toBe(201);
    expect(repeated.body).toEqual(first.body);
    const other = await send('Twice');
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: 'idempotency_mismatch', retryable: false });
  });

  it('sends once more when the service was away for a moment', async () => {
    rest.messaging.failNext('messaging.message.send', 'service_unavailable');
    const { status } = await rest.alice.post('/api/conversations/1/messages', { content: 'Still here?' });
    expect(status).toBe(201);
  });

  describe.each(['PUT', 'PATCH'])('a %s', (method) => {
    it('of a message passes on what it is to say', async () => {
      const { status } = await rest.alice.call(method, '/api/messages/9', { content: 'Better' });
      expect(status).toBe(200);
      const request = { userId: 'alice', messageId: '9', content: 'Better', metadata: null };
      expect(rest.changes.lastOf(EditMessage)).toEqual(request);
    });

    it('of a message may be a form', async () => {
      const raw = 'content=a+b%26c%3D%F0%9F%91%8B=d&unknown=1';
      const { status } = await rest.alice.call(method, '/api/messages/9', undefined, { raw, headers: formType });
      expect(status).toBe(200);
      expect(rest.changes.lastOf(EditMessage)).toMatchObject({ content: 'a b&c=👋=d' });
    });
  });

  describe('a reaction', () => {
    it.each([
      ['👍', '%F0%9F%91%8D'],
      ['#️⃣', '%23%EF%B8%8F%E2%83%A3'],
      ['👩‍👩‍👧‍👦', encodeURIComponent('👩‍👩‍👧‍👦')],
      ['a/b?c', 'a%2Fb%3Fc'],
      ['%20', '%2520'],
      ['+1', '+1'],
    ])('is %s for the path segment %s', async (emoji, segment) => {
      expect((await rest.alice.call('PUT', `/api/messages/9/reactions/${segment}`)).status).toBe(200);
      expect(rest.changes.lastOf(AddReaction)).toEqual({ userId: 'alice', messageId: '9', emoji });
    });

    it.each([
      ['blank', '%20', 422, ['emoji']],
      ['longer than 64 characters', 'a'.repeat(65), 422, ['emoji']],
      ['NUL', '%00', 422, ['emoji']],
      ['a key that parsers drop', '__proto__', 422, ['emoji']],
      ['no UTF-8', '%f0%9f', 400, undefined],
    ])('is refused where it is %s', async (_, segment, status, paths) => {
      const answer = await rest.alice.call<Problem>('PUT', `/api/messages/9/reactions/${segment}`);
      expect(answer.status).toBe(status);
      expect(issuesOf(answer)).toEqual(paths);
    });
  });

  it('pins', async () => {
    expect((await rest.alice.call('PUT', '/api/messages/9/pin')).status).toBe(200);
    expect(rest.changes.lastOf(PinMessage)).toEqual({ userId: 'alice', messageId: '9' });
  });

  describe('a message with send_at', () => {
    const send = (body: object) =>
      rest.alice.call<Problem>('POST', '/api/conversations/1/messages', { content: 'Later', ...body });

    it('is kept for then, whatever the zone', async () => {
      const { status, body } = await send({ send_at: '2030-01-01T12:00:00+02:00', client_message_id: 'c-9' });
      expect(status).toBe(201);
      expect(body).toMatchObject({ id: '5', status: 'scheduled', seq: null });
      expect(rest.changes.lastOf(ScheduleMessage)).toMatchObject({
        content: 'Later',
        sendAt: '2030-01-01T10:00:00.000Z',
        key: { by: 'client', id: 'c-9' },
      });
    });

    it.each(['tomorrow', '2030-01-01', '2030-01-01T12:00:00', '2030-02-30T12:00:00Z', 1_900_000_000, ''])(
      'is refused for %j',
      async (send_at) => {
        const answer = await send({ send_at });
        expect(answer.status).toBe(422);
        expect(issuesOf(answer)).toEqual(['send_at']);
      },
    );

    it('is cancelled by its own id', async () => {
      const { status, body } = await rest.alice.call('DELETE', '/api/scheduled/5');
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: '5' });
      expect(rest.changes.lastOf(CancelScheduled)).toEqual({ userId: 'alice', scheduledId: '5' });
    });
  });

  it.each([
    ['GET', '/api/messages/x', 'message_not_found'],
    ['DELETE', '/api/messages/1.5', 'message_not_found'],
    ['PUT', '/api/messages/%00/pin', 'message_not_found'],
    ['PUT', '/api/messages/x/reactions/a', 'message_not_found'],
    ['POST', '/api/messages/x/read', 'message_not_found'],
  ])('%s %s finds nothing', async (method, path, code) => {
    const { status, body } = await rest.alice.call<Problem>(method, path, method === 'PUT' ? {} : undefined);
    expect({ status, code: body.code }).toEqual({ status: 404, code });
  });
});
