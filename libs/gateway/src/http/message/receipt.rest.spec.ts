import { MarkReceived } from '@parley/contracts';
import { RestScene } from '../testing/rest.scene';

describe('reading over REST', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  const upTo = () => rest.changes.lastOf(MarkReceived);

  it.each([
    ['nothing', undefined, { by: 'everything', conversationId: '1' }],
    ['null', null, { by: 'everything', conversationId: '1' }],
    ['nothing in it', {}, { by: 'everything', conversationId: '1' }],
    ['a seq', { up_to_seq: 0 }, { by: 'seq', conversationId: '1', seq: 0 }],
    ['a message', { message_id: '9', up_to_seq: null }, { by: 'message', conversationId: '1', messageId: '9' }],
  ])('of a conversation goes up to what the body says: %s', async (_, body, expected) => {
    const { status, body: cursor } = await rest.alice.call('POST', '/api/conversations/1/read', body);
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
    expect((await rest.alice.call(method, '/api/messages/9/read')).status).toBe(200);
    expect(upTo()).toMatchObject({ upTo: { by: 'message', messageId: '9' } });
  });

  it.each([{ up_to_seq: -1 }, { up_to_seq: 1.5 }, { up_to_seq: 1, message_id: '9' }, { up_to_seq: '1' }, []])(
    'is refused for %j',
    async (body) => {
      expect((await rest.alice.call('POST', '/api/conversations/1/read', body)).status).toBe(422);
    },
  );
});
