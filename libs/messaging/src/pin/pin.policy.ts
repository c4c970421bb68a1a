import type { ConversationType } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { MessageState } from '../message/message.state';
import { demandModerator } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';

/**
 * Either side pins in a direct conversation, unless the other one blocks it: pins are shown to both. Elsewhere moderators and
 * admins do.
 *
 * @throws AppError `user_blocked`, `insufficient_role`.
 */
export function demandPinner(participant: ParticipantState, type: ConversationType): void {
  if (participant.isBlocked) throw new AppError('user_blocked');
  if (type !== 'direct') demandModerator(participant);
}

/** @returns false where it is pinned already. @throws AppError `message_deleted`. */
export function judgePin(message: MessageState): boolean {
  if (message.isDeleted) throw new AppError('message_deleted');
  return !message.isPinned;
}
