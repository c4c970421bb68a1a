import type { UserId } from '@parley/contracts';
import { aMessageState } from '../message/message-state.builder';
import type { MessageState } from '../message/message.state';
import { aParticipantState } from '../participant/participant-state.builder';
import type { ParticipantState } from '../participant/participant.state';
import { demandReactable, judgeReaction, maxDifferentEmojis } from './reaction.policy';

it('lets everybody with a voice react, to messages of any type and age', () => {
  const message = aMessageState({ senderId: 'bob' as UserId, messageType: 'poll', ageSeconds: 1e9 });
  expect(() => demandReactable(message, aParticipantState())).not.toThrow();
});

it.each<[string, string, Partial<MessageState>, Partial<ParticipantState>]>([
  ['one who is muted', 'participant_muted', {}, { isMuted: true }],
  ['one who is blocked', 'user_blocked', {}, { isBlocked: true }],
  ['anybody who reacts to a deleted message', 'message_deleted', { isDeleted: true }, { role: 'admin' }],
  ['one who is muted, whatever the message', 'participant_muted', { isDeleted: true }, { isMuted: true }],
])('refuses %s with %s', (_case, code, message, participant) => {
  expect(() => demandReactable(aMessageState(message), aParticipantState(participant))).toThrow(
    expect.objectContaining({ code }),
  );
});

describe('one more reaction', () => {
  const full = maxDifferentEmojis;
  it.each([
    ['the first', { hasOwn: false, hasEmoji: false, differentEmojis: 0 }],
    ['the last new emoji that fits', { hasOwn: false, hasEmoji: false, differentEmojis: full - 1 }],
    ['an emoji that others chose, however many there are', { hasOwn: false, hasEmoji: true, differentEmojis: full }],
  ])('is added: %s', (_case, standing) => {
    expect(judgeReaction(standing)).toBe(true);
  });

  it('changes nothing where the user has chosen it before', () => {
    expect(judgeReaction({ hasOwn: true, hasEmoji: true, differentEmojis: full })).toBe(false);
  });

  it('is refused where it would be one emoji too many', () => {
    expect(() => judgeReaction({ hasOwn: false, hasEmoji: false, differentEmojis: full })).toThrow(
      expect.objectContaining({ code: 'too_many_reactions' }),
    );
  });
});
