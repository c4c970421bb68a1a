import {
  AddParticipants,
  AddReaction,
  CancelScheduled,
  DeleteConversation,
  EditMessage,
  ListPublicConversations,
  MarkReceived,
  PinMessage,
  RemoveParticipant,
  ScheduleMessage,
  UpdateConversation,
  UpdateParticipant,
} from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { RestSuite } from './testing/rest.suite';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('changes over REST', () => {
  let rest: RestSuite;

  beforeAll(async () => {
    rest = await RestSuite.start();
  });
  afterAll(() => rest.stop());

  const call = <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    rest.alice.call<Body>(method, path, body === undefined ? undefined : JSON.stringify(body));
  const callWithForm = (path: string, raw: string | Uint8Array<ArrayBuffer>) =>
    rest.alice.call<Problem>('PUT', path, undefined, { raw, headers: formType });
  const issuesOf = ({ body }: { readonly body: Problem }) => body.errors?.map(({ path }) => path);

  describe.each(['PUT', 'PATCH'])('a %s', (method) => {
    it('of a conversation passes on what is to change', async () => {
      const changes = { title: 'New', is_archived: true };
      const { status, body } = await call(method, '/api/conversations/1', changes);
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: '1', my_role: 'admin' });
      expect(rest.changes.lastOf(UpdateConversation)).toEqual({ userId: 'alice', conversationId: '1', changes });
    });

    it('of a message passes on what it is to say', async () => {
      const { status } = await call(method, '/api/messages/9', { content: 'Better' });
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

  it('answers the deletion of a conversation with what says so', async () => {
    const { status, body } = await call('DELETE', '/api/conversations/1');
    expect({ status, body }).toEqual({ status: 200, body: { success: true } });
    expect(rest.changes.lastOf(DeleteConversation)).toEqual({ userId: 'alice', conversationId: '1' });
  });

  it('knows public channels from a conversation of that name', async () => {
    const { status, body } = await call('GET', '/api/conversations/public?q=&limit=7');
    expect(status).toBe(200);
    expect(body).toEqual({ conversations: [], has_more: false, next_cursor: null, page: 1, limit: 7 });
    expect(rest.changes.lastOf(ListPublicConversations)).toEqual({ userId: 'alice', page: 1, limit: 7 });
  });

  describe('participants', () => {
    it('are added one by one, and answered so', async () => {
      const { status, body } = await call('POST', '/api/conversations/1/participants', { user_id: 'bob' });
      expect(status).toBe(201);
      expect(body).toMatchObject({ user_id: 'alice', role: 'participant' });
      expect(rest.changes.lastOf(AddParticipants)).toMatchObject({ participantIds: ['bob'], role: 'participant' });
    });

    it('are added together, and answered in a list', async () => {
      const group = { user_ids: ['bob', 'carol'], role: 'moderator', user_id: null };
      const { body } = await call('POST', '/api/conversations/1/participants', group);
      expect(body).toEqual({ participants: [expect.objectContaining({ user_id: 'alice' })] });
      expect(rest.changes.lastOf(AddParticipants)).toMatchObject({
        participantIds: ['bob', 'carol'],
        role: 'moderator',
      });
    });

    it.each([{}, { user_id: 'bob', user_ids: ['carol'] }, { user_ids: [] }, { user_id: 'bob', role: 'owner' }])(
      'are not added by %j',
      async (body) => {
        expect((await call('POST', '/api/conversations/1/participants', body)).status).toBe(422);
      },
    );

    it('are changed by a form, too, which says yes and no in words', async () => {
      const answer = await callWithForm('/api/conversations/1/participants/bob%2F7', 'role=moderator&is_muted=false');
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ user_id: 'alice', notifications: 'mentions' });
      expect(rest.changes.lastOf(UpdateParticipant)).toEqual({
        userId: 'alice',
        conversationId: '1',
        participantId: 'bob/7',
        role: 'moderator',
        isMuted: false,
      });
    });

    it('are removed by others, and leave by themselves', async () => {
      expect((await call('DELETE', '/api/conversations/1/participants/bob')).body).toEqual({ success: true });
      expect(rest.changes.lastOf(RemoveParticipant)).toMatchObject({ userId: 'alice', participantId: 'bob' });
      const left = await call('POST', '/api/conversations/1/leave');
      expect({ status: left.status, body: left.body }).toEqual({ status: 200, body: { success: true } });
      expect(rest.changes.lastOf(RemoveParticipant)).toMatchObject({ participantId: 'alice' });
    });

    it('cannot have an id that is none', async () => {
      const { status, body } = await call<Problem>('DELETE', '/api/conversations/1/participants/%00');
      expect(status).toBe(404);
      expect(body.code).toBe('participant_not_found');
    });
  });

  describe('a form', () => {
    it.each([
      ['sets __proto__', '__proto__=1&content=a', 400, 'malformed_request', undefined],
      ['is not UTF-8', Buffer.from('content=\xe9', 'latin1'), 400, 'malformed_request', undefined],
      ['is encoded wrongly', 'content=%e9', 400, 'malformed_request', undefined],
      ['says something twice', 'content=a&content=b', 422, 'validation_failed', ['content']],
      ['says nothing', '', 422, 'validation_failed', ['content']],
      ['has NUL', 'content=%00', 422, 'validation_failed', ['content']],
      ['is larger than a megabyte', `content=${'a'.repeat(1_048_576)}`, 413, 'payload_too_large', undefined],
    ])('that %s is refused', async (_, raw, status, code, paths) => {
      const answer = await callWithForm('/api/messages/9', raw);
      expect(answer.status).toBe(status);
      expect(answer.body.code).toBe(code);
      expect(issuesOf(answer)).toEqual(paths);
    });

    it('may be called like what objects have by themselves', async () => {
      const { status } = await callWithForm('/api/messages/9', 'constructor=1&toString=2&content=a');
      expect(status).toBe(200);
    });
  });

  describe('reading', () => {
    const upTo = () => rest.changes.lastOf(MarkReceived);

    it.each([
      ['nothing', undefined, { by: 'everything', conversationId: '1' }],
      ['null', null, { by: 'everything', conversationId: '1' }],
      ['nothing in it', {}, { by: 'everything', conversationId: '1' }],
      ['a seq', { up_to_seq: 0 }, { by: 'seq', conversationId: '1', seq: 0 }],
      ['a message', { message_id: '9', up_to_seq: null }, { by: 'message', conversationId: '1', messageId: '9' }],
    ])('of a conversation goes up to what the body says: %s', async (_, body, expected) => {
      const { status, body: cursor } = await call('POST', '/api/conversations/1/read', body);
      expect(status).toBe(200);
      expect(cursor).toMatchObject({ conversation_id: '1', up_to_seq: 7, unread_count: 2, mention_count: 1 });
      expect(upTo()).toEqual({ userId: 'alice', kind: 'read', upTo: expected });
    });

    it('needs no body where a client names the type of one', async () => {
      const json = { raw: '', headers: { 'content-type': 'application/json' } };
      expect((await rest.alice.call('POST', '/api/conversations/1/read', undefined, json)).status).toBe(200);
      expect((await rest.alice.call('DELETE', '/api/conversations/1', undefined, json)).status).toBe(200);
    });

    it.each(['POST', 'PUT'])('goes up to a message that is %s as read', async (method) => {
      expect((await call(method, '/api/messages/9/read')).status).toBe(200);
      expect(upTo()).toMatchObject({ upTo: { by: 'message', messageId: '9' } });
    });

    it.each([{ up_to_seq: -1 }, { up_to_seq: 1.5 }, { up_to_seq: 1, message_id: '9' }, { up_to_seq: '1' }, []])(
      'is refused for %j',
      async (body) => {
        expect((await call('POST', '/api/conversations/1/read', body)).status).toBe(422);
      },
    );
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
      expect((await call('PUT', `/api/messages/9/reactions/${segment}`)).status).toBe(200);
      expect(rest.changes.lastOf(AddReaction)).toEqual({ userId: 'alice', messageId: '9', emoji });
    });

    it.each([
      ['blank', '%20', 422, ['emoji']],
      ['longer than 64 characters', 'a'.repeat(65), 422, ['emoji']],
      ['NUL', '%00', 422, ['emoji']],
      ['a key that parsers drop', '__proto__', 422, ['emoji']],
      ['no UTF-8', '%f0%9f', 400, undefined],
    ])('is refused where it is %s', async (_, segment, status, paths) => {
      const answer = await call<Problem>('PUT', `/api/messages/9/reactions/${segment}`);
      expect(answer.status).toBe(status);
      expect(issuesOf(answer)).toEqual(paths);
    });
  });

  it('pins', async () => {
    expect((await call('PUT', '/api/messages/9/pin')).status).toBe(200);
    expect(rest.changes.lastOf(PinMessage)).toEqual({ userId: 'alice', messageId: '9' });
  });

  describe('a message with send_at', () => {
    const send = (body: object) =>
      call<Problem>('POST', '/api/conversations/1/messages', { content: 'Later', ...body });

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
      const { status, body } = await call('DELETE', '/api/scheduled/5');
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: '5' });
      expect(rest.changes.lastOf(CancelScheduled)).toEqual({ userId: 'alice', scheduledId: '5' });
    });
  });

  it.each([
    ['PUT', '/api/conversations/x', 'conversation_not_found'],
    ['POST', '/api/conversations/-1/leave', 'conversation_not_found'],
    ['GET', '/api/conversations/9223372036854775808/pins', 'conversation_not_found'],
    ['GET', '/api/messages/x', 'message_not_found'],
    ['DELETE', '/api/messages/1.5', 'message_not_found'],
    ['PUT', '/api/messages/%00/pin', 'message_not_found'],
    ['PUT', '/api/messages/x/reactions/a', 'message_not_found'],
    ['POST', '/api/messages/x/read', 'message_not_found'],
  ])('%s %s finds nothing', async (method, path, code) => {
    const { status, body } = await call<Problem>(method, path, method === 'PUT' ? {} : undefined);
    expect({ status, code: body.code }).toEqual({ status: 404, code });
  });
});
