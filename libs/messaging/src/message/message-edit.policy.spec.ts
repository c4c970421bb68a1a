import type { UserId } from '@parley/contracts';
import { aParticipantState } from '../participant/participant-state.builder';
import type { ParticipantState } from '../participant/participant.state';
import { demandEditable } from './message-edit.policy';
import { aMessageState } from './message-state.builder';
import type { MessageState } from './message.state';

const windowSeconds = 900;
const bob = 'bob' as UserId;

describe('a message', () => {
  it.each<[string, Partial<MessageState>]>([
    ['within the window', { ageSeconds: 899.9 }],
    ['of just now, while the clock went back', { ageSeconds: -3_600 }],
    ['that is pinned and in a thread', { isPinned: true, threadRootId: '7' as MessageState['threadRootId'] }],
  ])('is edited by its sender %s', (_case, fields) => {
    expect(() => demandEditable(aMessageState(fields), aParticipantState(), windowSeconds)).not.toThrow();
  });

  it.each<[string, string, Partial<MessageState>, Partial<ParticipantState>]>([
    ['of another', 'not_the_sender', { senderId: bob }, {}],
    ['of another, by an admin', 'not_the_sender', { senderId: bob }, { role: 'admin' }],
    ['of one who is muted', 'participant_muted', {}, { isMuted: true }],
    ['of one who is blocked', 'user_blocked', {}, { isBlocked: true }],
    ['that was deleted', 'message_deleted', { isDeleted: true }, {}],
    ['of type image', 'message_not_editable', { messageType: 'image' }, {}],
    ['of type system', 'message_not_editable', { messageType: 'system' }, {}],
    ['of a custom type', 'message_not_editable', { messageType: 'poll' }, {}],
    ['at the end of the window', 'edit_window_over', { ageSeconds: 900 }, {}],
    ['after the window, by an admin', 'edit_window_over', { ageSeconds: 901 }, { role: 'admin' }],
  ])('%s is refused with %s', (_case, code, message, participant) => {
    expect(() => demandEditable(aMessageState(message), aParticipantState(participant), windowSeconds)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each([-1, 0, 1])('is never edited where there is no window, also %d seconds after the send', (ageSeconds) => {
    expect(() => demandEditable(aMessageState({ ageSeconds }), aParticipantState(), 0)).toThrow(
      expect.objectContaining({ code: 'edit_window_over' }),
    );
  });

  it('tells whose it is before it tells what state it is in', () => {
    const message = aMessageState({ senderId: bob, isDeleted: true, ageSeconds: 10_000 });
    expect(() => demandEditable(message, aParticipantState({ isMuted: true }), windowSeconds)).toThrow(
      expect.objectContaining({ code: 'not_the_sender' }),
    );
  });
});
