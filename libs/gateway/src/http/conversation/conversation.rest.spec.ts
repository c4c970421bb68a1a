import {
  DeleteConversation,
  ListPublicConversations,
  UpdateConversation,
  type ViewedConversation,
} from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

interface ConversationPage {
  readonly conversations: readonly ViewedConversation[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly page: number;
  readonly limit: number;
}

describe('conversations over REST', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

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

  it.each(['PUT', 'PATCH'])('passes on by %s what is to change of one', async (method) => {
    const changes = { title: 'New', is_archived: true };
    const { status, body } = await rest.alice.call(method, '/api/conversations/1', changes);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: '1', my_role: 'admin' });
    expect(rest.changes.lastOf(UpdateConversation)).toEqual({ userId: 'alice', conversationId: '1', changes });
  });

  it('answers the deletion of a conversation with what says so', async () => {
    const { status, body } = await rest.alice.call('DELETE', '/api/conversations/1');
    expect({ status, body }).toEqual({ status: 200, body: { success: true } });
    expect(rest.changes.lastOf(DeleteConversation)).toEqual({ userId: 'alice', conversationId: '1' });
  });

  it('knows public channels from a conversation of that name', async () => {
    const { status, body } = await rest.alice.call('GET', '/api/conversations/public?q=&limit=7');
    expect(status).toBe(200);
    expect(body).toEqual({ conversations: [], has_more: false, next_cursor: null, page: 1, limit: 7 });
    expect(rest.changes.lastOf(ListPublicConversations)).toEqual({ userId: 'alice', page: 1, limit: 7 });
  });

  it.each([
    ['PUT', '/api/conversations/x', 'conversation_not_found'],
    ['POST', '/api/conversations/-1/leave', 'conversation_not_found'],
    ['GET', '/api/conversations/9223372036854775808/pins', 'conversation_not_found'],
  ])('%s %s finds nothing', async (method, path, code) => {
    const { status, body } = await rest.alice.call<Problem>(method, path, method === 'PUT' ? {} : undefined);
    expect({ status, code: body.code }).toEqual({ status: 404, code });
  });
});
