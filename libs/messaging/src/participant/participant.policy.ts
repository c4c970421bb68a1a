import type { ConversationType, ParticipantRole } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { ParticipantState } from './participant.state';

const ranks: Record<ParticipantRole, number> = { participant: 0, moderator: 1, admin: 2 };

export function rankOf(role: ParticipantRole): number {
  return ranks[role];
}

/** Whoever asks about a conversation has to be in it. @throws AppError `not_a_participant`. */
export function demandParticipant(participant: ParticipantState | undefined): ParticipantState {
  if (!participant?.isPresent) throw new AppError('not_a_participant');
  return participant;
}

/** Whoever writes, in whatever way, may not be silenced. @throws AppError `participant_muted`, `user_blocked`. */
export function demandVoice(participant: ParticipantState): void {
  if (participant.isMuted) throw new AppError('participant_muted');
  if (participant.isBlocked) throw new AppError('user_blocked');
}

/** Moderation is for moderators and admins. @throws AppError `insufficient_role`. */
export function demandModerator(participant: ParticipantState): void {
  if (rankOf(participant.role) < ranks.moderator) throw new AppError('insufficient_role');
}

/** @throws AppError `not_for_direct`: the two of a direct conversation are equals, and nobody else ever joins. */
export function demandGroup(type: ConversationType): void {
  if (type === 'direct') throw new AppError('not_for_direct');
}

/** @throws AppError `insufficient_role` for whoever is no admin. */
export function demandAdmin(participant: ParticipantState): void {
  if (participant.role !== 'admin') throw new AppError('insufficient_role');
}

/** Nobody rules over a higher rank than the own one, nor gives one. @throws AppError `insufficient_role`. */
export function demandRank(me: ParticipantState, role: ParticipantRole): void {
  if (rankOf(role) > rankOf(me.role)) throw new AppError('insufficient_role');
}

/** Whom something is done to has to be there. @throws AppError `participant_not_found`. */
export function demandTarget(participant: ParticipantState | undefined): ParticipantState {
  if (!participant?.isPresent) throw new AppError('participant_not_found');
  return participant;
}

/** Anybody enters what is public. @throws AppError `not_a_participant`: what is private is nobody's who is not in it. */
export function demandPublic(type: ConversationType, visibility: 'private' | 'public'): void {
  if (type === 'direct' || visibility !== 'public') throw new AppError('not_a_participant');
}
