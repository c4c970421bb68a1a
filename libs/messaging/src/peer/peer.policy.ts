import { AppError } from '@parley/errors';
import { demandParticipant, demandVoice, rankOf } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';

/**
 * May a participant say something in the conversation, as far as that is known before it is said?
 *
 * @throws AppError `not_a_participant`, `participant_muted`, `user_blocked`, `posting_restricted`.
 */
export function demandSpeaker(participant: ParticipantState | undefined, posting: 'everyone' | 'moderators'): void {
  const speaker = demandParticipant(participant);
  demandVoice(speaker);
  if (posting === 'moderators' && rankOf(speaker.role) < rankOf('moderator')) throw new AppError('posting_restricted');
}
