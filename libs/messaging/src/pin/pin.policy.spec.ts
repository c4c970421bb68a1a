import type { ConversationType, ParticipantRole } from '@parley/contracts';
import { aMessageState } from '../message/message-state.builder';
import { aParticipantState } from '../participant/participant-state.builder';
import { demandPinner, judgePin } from './pin.policy';

it.each<[ParticipantRole, ConversationType]>([
  ['admin', 'group'],
  ['moderator', 'group'],
  ['moderator', 'channel'],
  ['participant', 'direct'],
])('lets a %s of a %s conversation pin', (role, type) => {
  expect(() => demandPinner(aParticipantState({ role }), type)).not.toThrow();
});

it.each<ConversationType>(['group', 'channel'])('refuses an ordinary participant of a %s', (type) => {
  expect(() => demandPinner(aParticipantState(), type)).toThrow(expect.objectContaining({ code: 'insufficient_role' }));
});

it('refuses one side of a direct conversation that the other one blocks', () => {
  expect(() => demandPinner(aParticipantState({ isBlocked: true }), 'direct')).toThrow(
    expect.objectContaining({ code: 'user_blocked' }),
  );
});

it('pins what is not pinned, once', () => {
  expect(judgePin(aMessageState())).toBe(true);
  expect(judgePin(aMessageState({ isPinned: true }))).toBe(false);
});

it('refuses to pin a deleted message', () => {
  expect(() => judgePin(aMessageState({ isDeleted: true }))).toThrow(
    expect.objectContaining({ code: 'message_deleted' }),
  );
});
