import { AddParticipants, RemoveParticipant, UpdateParticipant } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('participants over REST', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  const callWithForm = (path: string, raw: string | Uint8Array<ArrayBuffer>) =>
    rest.alice.call<Problem>('PUT', path, undefined, { raw, headers: formType });

  it('are added one by one, and answered so', async () => {
    const { status, body } = await rest.alice.call('POST', '/api/conversations/1/participants', { user_id: 'bob' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ user_id: 'alice', role: 'participant' });
    expect(rest.changes.lastOf(AddParticipants)).toMatchObject({ participantIds: ['bob'], role: 'participant' });
  });

  it('are added together, and answered in a list', async () => {
    const group = { user_ids: ['bob', 'carol'], role: 'moderator', user_id: null };
    const { body } = await rest.alice.call('POST', '/api/conversations/1/participants', group);
    expect(body).toEqual({ participants: [expect.objectContaining({ user_id: 'alice' })] });
    expect(rest.changes.lastOf(AddParticipants)).toMatchObject({
      participantIds: ['bob', 'carol'],
      role: 'moderator',
    });
  });

  it.each([{}, { user_id: 'bob', user_ids: ['carol'] }, { user_ids: [] }, { user_id: 'bob', role: 'owner' }])(
    'are not added by %j',
    async (body) => {
      expect((await rest.alice.call('POST', '/api/conversations/1/participants', body)).status).toBe(422);
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
    expect((await rest.alice.call('DELETE', '/api/conversations/1/participants/bob')).body).toEqual({ success: true });
    expect(rest.changes.lastOf(RemoveParticipant)).toMatchObject({ userId: 'alice', participantId: 'bob' });
    const left = await rest.alice.call('POST', '/api/conversations/1/leave');
    expect({ status: left.status, body: left.body }).toEqual({ status: 200, body: { success: true } });
    expect(rest.changes.lastOf(RemoveParticipant)).toMatchObject({ participantId: 'alice' });
  });

  it('cannot have an id that is none', async () => {
    const { status, body } = await rest.alice.call<Problem>('DELETE', '/api/conversations/1/participants/%00');
    expect(status).toBe(404);
    expect(body.code).toBe('participant_not_found');
  });
});
