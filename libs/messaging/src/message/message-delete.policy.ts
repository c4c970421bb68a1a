import type { ConversationType } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { rankOf } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';
import { isWithin, type MessageState } from './message.state';

/**
 * May this participant delete this message? Its sender may for some time after the send, also when muted or blocked; admins
 * and moderators of a group or channel may delete any message at any time.
 *
 * @param type of the conversation: in a direct one nobody is more than the other.
 * @param windowSeconds how long the sender may; 0: never.
 * @returns false where only the tombstone is left, and nothing to do.
 * @throws AppError `not_the_sender` (direct), `insufficient_role` (others), `delete_window_over`.
 */
export function judgeDeletion(
  message: MessageState,
  participant: ParticipantState,
  type: ConversationType,
  windowSeconds: number,
): boolean {
  const isModerator = type !== 'direct' && rankOf(participant.role) >= rankOf('moderator');
  const isSender = message.senderId === participant.userId;
  if (!isSender && !isModerator) throw new AppError(type === 'direct' ? 'not_the_sender' : 'insufficient_role');
  if (message.isDeleted) return false;
  if (!isModerator && !isWithin(message, windowSeconds)) throw new AppError('delete_window_over');
  return true;
}
