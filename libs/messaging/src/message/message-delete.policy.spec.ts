import type { ConversationType, UserId } from '@parley/contracts';
import { aParticipantState } from '../participant/participant-state.builder';
import type { ParticipantState } from '../participant/participant.state';
import { judgeDeletion } from './message-delete.policy';
import { aMessageState } from './message-state.builder';
import type { MessageState } from './message.state';

const windowSeconds = 3_600;
const bob = 'bob' as UserId;
const old = { ageSeconds: 100_000 };

type Case = [string, ConversationType, Partial<MessageState>, Partial<ParticipantState>];

it.each<Case>([
  ['its sender', 'group', {}, {}],
  ['its sender in a direct conversation', 'direct', {}, {}],
  ['its sender, who is muted', 'group', {}, { isMuted: true }],
  ['its sender, who is blocked', 'direct', {}, { isBlocked: true }],
  ['an admin, though it is of another', 'group', { senderId: bob }, { role: 'admin' }],
  ['a moderator, though it is of another and old', 'channel', { senderId: bob, ...old }, { role: 'moderator' }],
  ['a moderator, though the own one is old', 'group', old, { role: 'moderator' }],
])('lets %s delete a message', (_case, type, message, participant) => {
  expect(judgeDeletion(aMessageState(message), aParticipantState(participant), type, windowSeconds)).toBe(true);
});

it.each<[...Case, string]>([
  ['the other side', 'direct', { senderId: bob }, {}, 'not_the_sender'],
  ['the other side, whatever role it has', 'direct', { senderId: bob }, { role: 'admin' }, 'not_the_sender'],
  ['a participant', 'group', { senderId: bob }, {}, 'insufficient_role'],
  ['a participant of what is deleted', 'group', { senderId: bob, isDeleted: true }, {}, 'insufficient_role'],
  ['its sender after the window', 'group', { ageSeconds: 3_600 }, {}, 'delete_window_over'],
  ['its sender after the window', 'direct', old, { role: 'admin' }, 'delete_window_over'],
])('refuses %s (%s)', (_case, type, message, participant, code) => {
  expect(() => judgeDeletion(aMessageState(message), aParticipantState(participant), type, windowSeconds)).toThrow(
    expect.objectContaining({ code }),
  );
});

it.each<Case>([
  ['its sender, also after the window', 'group', { ...old, isDeleted: true }, {}],
  ['a moderator', 'group', { senderId: bob, isDeleted: true }, { role: 'moderator' }],
])('has nothing left to do for %s of a deleted message', (_case, type, message, participant) => {
  expect(judgeDeletion(aMessageState(message), aParticipantState(participant), type, windowSeconds)).toBe(false);
});

it('without a window leaves deletion to moderators', () => {
  const message = aMessageState({ ageSeconds: 0 });
  expect(() => judgeDeletion(message, aParticipantState(), 'group', 0)).toThrow(
    expect.objectContaining({ code: 'delete_window_over' }),
  );
  expect(judgeDeletion(message, aParticipantState({ role: 'moderator' }), 'group', 0)).toBe(true);
});
