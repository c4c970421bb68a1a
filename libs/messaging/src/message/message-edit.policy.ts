import { AppError } from '@parley/errors';
import { demandVoice } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';
import { isWithin, type MessageState } from './message.state';

/**
 * May this participant edit this message? Its sender may, with a voice, for some time after the send. Only messages of type
 * `text` are edited, with attachments or without: a custom type's content may be no text at all, and has rules of its own.
 *
 * @param windowSeconds how long; 0: never.
 * @throws AppError `not_the_sender`, `participant_muted`, `user_blocked`, `message_deleted`, `message_not_editable`,
 *   `edit_window_over`, in this order.
 */
export function demandEditable(message: MessageState, participant: ParticipantState, windowSeconds: number): void {
  if (message.senderId !== participant.userId) throw new AppError('not_the_sender');
  demandVoice(participant);
  if (message.isDeleted) throw new AppError('message_deleted');
  if (message.messageType !== 'text') throw new AppError('message_not_editable');
  if (!isWithin(message, windowSeconds)) throw new AppError('edit_window_over');
}
