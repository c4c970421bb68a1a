import type { Problem } from '@parley/errors';
import type { MessageView, OwnUserView, UserView, ViewedConversation } from '@parley/contracts';
import { nowS } from '@parley/testing';
import { RestSuite } from './testing/rest.suite';

interface Page {
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly page: number;
  readonly limit: number;
}
type MessagePage = Page & { readonly messages: readonly MessageView[] };
type ConversationPage = Page & { readonly conversations: readonly ViewedConversation[] };

describe('the REST API', () => {
  let rest: RestSuite;

  beforeAll(async () => {
    rest = await RestSuite.start();
  });
  afterAll(() => rest.stop());

  describe('conversations', () => {
    it('answers a new one with 201', async () => {
      const group = { type: 'group', title: 'Study group', participant_ids: ['bob', 'carol'] };
      const { status, body } = await rest.alice.post<ViewedConversation>('/api/conversations', group);
      expect(status).toBe(201);
      expect(body).toMatchObject({ type: 'group', participant_count: 3 });
    });

    it('answers a direct one that is there already with 200', async () => {
      const direct = { type: 'direct', participant_ids: ['bob'] };
      const { status, body } = await rest.alice.post<ViewedConversation>('/api/conversations', direct);
      expect(status).toBe(200);
      expect(body.id).toBe('1');
    });

    it('passes on what the service refuses, with its issues', async () => {
      const { status, body } = await rest.alice.post<Problem>('/api/conversations', {
        type: 'group',
        participant_ids: ['nobody'],
      });
      expect(status).toBe(422);
      expect(body).toMatchObject({ code: 'unknown_users', errors: [{ path: 'participant_ids.0' }] });
    });

    it('lists them in pages that a cursor continues', async () => {
      await rest.alice.post('/api/conversations', { type: 'group', participant_ids: ['dave'] });
      const first = await rest.alice.get<ConversationPage>('/api/conversations?limit=1');
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ has_more: true, next_cursor: '1', page: 1, limit: 1 });
      const second = await rest.alice.get<ConversationPage>('/api/conversations?limit=1&cursor=1');
      expect(second.body.conversations[0]?.id).not.toBe(first.body.conversations[0]?.id);
      const turned = await rest.alice.get<ConversationPage>('/api/conversations?limit=1&page=2');
      expect(turned.body).toMatchObject({ conversations: second.body.conversations, page: 2 });
    });

    it('lists them with a slash at the end, too', async () => {
      expect((await rest.alice.get('/api/conversations/')).status).toBe(200);
    });

    it('lists fifty at a time, of the type that is asked for', async () => {
      const { body } = await rest.alice.get<ConversationPage>('/api/conversations?type=channel');
      expect(body).toEqual({ conversations: [], has_more: false, next_cursor: null, page: 1, limit: 50 });
    });

    it('reads one', async () => {
      const { status, body } = await rest.alice.get<ViewedConversation>('/api/conversations/1');
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: '1', my_role: 'admin' });
    });

    it.each([
      ['another one', '2', 403, 'not_a_participant', 'Not a participant in this conversation'],
      ['one that never was', '999', 404, 'conversation_not_found', 'Conversation not found'],
      ['one that can never have been', 'conv-123', 404, 'conversation_not_found', 'Conversation not found'],
      ['one with a sign', '-1', 404, 'conversation_not_found', 'Conversation not found'],
      ['one beyond the largest', '9223372036854775808', 404, 'conversation_not_found', 'Conversation not found'],
      ['a script', "1'%3B--", 404, 'conversation_not_found', 'Conversation not found'],
      ['an unprintable one', '%00', 404, 'conversation_not_found', 'Conversation not found'],
    ])('refuses to read %s', async (_what, id, status, code, detail) => {
      for (const path of [`/api/conversations/${id}`, `/api/conversations/${id}/messages`]) {
        const answer = await rest.alice.get<Problem>(path);
        expect(answer.status).toBe(status);
        expect(answer.body).toMatchObject({ code, detail });
      }
    });
  });

  describe('messages', () => {
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
  });

  describe('the history of a conversation', () => {
    const seqs = (page: MessagePage) => page.messages.map(({ seq }) => seq);
    const read = async (query: string) => {
      const answer = await rest.alice.get<MessagePage>(`/api/conversations/1/messages?${query}`);
      expect(answer.status).toBe(200);
      return answer.body;
    };

    beforeAll(() => rest.messaging.fill(7));

    it.each([
      ['', [7, 6, 5, 4, 3, 2, 1]],
      ['page=1&limit=3', [7, 6, 5]],
      ['page=2&limit=3', [4, 3, 2]],
      ['before_seq=4&limit=2', [3, 2]],
      ['after_seq=4', [5, 6, 7]],
      ['after_seq=0&limit=2', [1, 2]],
      ['before_message_id=103', [2, 1]],
      ['around_message_id=103&limit=3', [2, 3, 4]],
      ['before_seq=4&page=1', [3, 2, 1]],
    ])('?%s has %j', async (query, expected) => {
      expect(seqs(await read(query))).toEqual(expected);
    });

    it.each([
      ['limit=3', [4, 3, 2]],
      ['page=2&limit=3', [1]],
      ['before_seq=7&limit=3', [3, 2, 1]],
      ['before_message_id=107&limit=3', [3, 2, 1]],
      ['after_seq=1&limit=3', [5, 6, 7]],
      ['around_message_id=102&limit=3', [4, 5, 6]],
    ])(
      '?%s goes on with %j, whatever page it says, and also where the position is repeated',
      async (query, expected) => {
        const first = await read(query);
        expect(first.has_more).toBe(true);
        expect(seqs(await read(`limit=3&page=1&cursor=${String(first.next_cursor)}`))).toEqual(expected);
        expect(seqs(await read(`${query}&cursor=${String(first.next_cursor)}`))).toEqual(expected);
      },
    );

    it('ends with no cursor', async () => {
      await expect(read('limit=100')).resolves.toMatchObject({
        has_more: false,
        next_cursor: null,
        limit: 100,
        page: 1,
      });
    });

    it.each([
      ['before_seq=4&after_seq=2', ''],
      ['before_message_id=103&around_message_id=103', ''],
      ['cursor=forged', 'cursor'],
      ['cursor=YWZ0ZXI6MS4w', 'cursor'],
      ['cursor=', 'cursor'],
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=1e1', 'limit'],
      ['limit=5&limit=6', 'limit'],
      ['page=0', 'page'],
      ['page=-1', 'page'],
      ['before_seq=-1', 'before_seq'],
      ['before_seq=1.5', 'before_seq'],
      ['after_seq=9007199254740993', 'after_seq'],
      ['after_seq=', 'after_seq'],
    ])('refuses ?%s', async (query, path) => {
      const { status, body } = await rest.alice.get<Problem>(`/api/conversations/1/messages?${query}`);
      expect(status).toBe(422);
      expect(body).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
    });

    it.each(['before_message_id=999', 'around_message_id=msg-123'])('knows no message for ?%s', async (query) => {
      const { status, body } = await rest.alice.get<Problem>(`/api/conversations/1/messages?${query}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({ code: 'message_not_found', detail: 'Message not found' });
    });
  });

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

  describe('a route that needs a token', () => {
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
});
