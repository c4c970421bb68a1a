import { AppError } from '@parley/errors';
import type { MessageState } from '../message/message.state';
import { demandVoice } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';

/** Different emojis on one message. */
export const maxDifferentEmojis = 20;

/** How a message is reacted to before one more reaction. */
export interface ReactionStanding {
  /** With this emoji by this user. */
  readonly hasOwn: boolean;
  /** With this emoji by anybody. */
  readonly hasEmoji: boolean;
  readonly differentEmojis: number;
}

/**
 * May this participant react to this message? Everybody with a voice may, where moderators post too.
 *
 * @throws AppError `participant_muted`, `user_blocked`, `message_deleted`, in this order.
 */
export function demandReactable(message: MessageState, participant: ParticipantState): void {
  demandVoice(participant);
  if (message.isDeleted) throw new AppError('message_deleted');
}

/**
 * @returns false where the reaction is there already.
 * @throws AppError `too_many_reactions` for one more emoji than a message may have.
 */
export function judgeReaction({ hasOwn, hasEmoji, differentEmojis }: ReactionStanding): boolean {
  if (hasOwn) return false;
  if (!hasEmoji && differentEmojis >= maxDifferentEmojis) throw new AppError('too_many_reactions');
  return true;
}
