import { AppError } from '@parley/errors';
import type { RequestedMessage } from '../message/message.draft';
import { demandParticipant, demandVoice, rankOf } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';
import type { Fate } from './schedule.mapper';

/** A year, leap or not. */
const maxAheadMs = 366 * 24 * 3_600_000;

/** What a message that is to be scheduled is judged by. */
export interface ScheduleStanding {
  /** By the database's clock. */
  readonly now: string;
  readonly posting: 'everyone' | 'moderators';
  /** Undefined: never was in the conversation. */
  readonly sender: ParticipantState | undefined;
  /** Is what it replies to there? */
  readonly hasReplyTarget: boolean;
  /** Does its thread start with a message that is there, and in no thread itself? */
  readonly hasThreadRoot: boolean;
  /** One of its attachments is in a message already, or waits in another one of the sender's. */
  readonly hasUsedAttachment: boolean;
}

/**
 * Who may send now may schedule; when it is due, the send is judged again.
 *
 * @throws AppError as the send would, in its order; then `validation_failed` for a time that has passed or is far off.
 */
export function demandSchedulable(message: RequestedMessage, sendAt: string, standing: ScheduleStanding): void {
  const sender = demandParticipant(standing.sender);
  demandVoice(sender);
  if (standing.posting === 'moderators' && rankOf(sender.role) < rankOf('moderator')) {
    throw new AppError('posting_restricted');
  }
  if (message.replyToId !== null && !standing.hasReplyTarget) throw new AppError('reply_target_not_found');
  if (message.threadRootId !== null && !standing.hasThreadRoot) throw new AppError('thread_root_not_found');
  if (standing.hasUsedAttachment) throw new AppError('attachment_already_used');
  checkSendAt(Date.parse(sendAt), Date.parse(standing.now));
}

/** @throws AppError `scheduled_already_sent`, `scheduled_failed`: both are too late. */
export function demandCancellable({ status }: Fate): void {
  if (status === 'sent') throw new AppError('scheduled_already_sent');
  if (status === 'failed') throw new AppError('scheduled_failed');
}

function checkSendAt(sendAtMs: number, nowMs: number): void {
  if (!(sendAtMs > nowMs)) throw invalidSendAt('must be a time to come');
  if (sendAtMs > nowMs + maxAheadMs) throw invalidSendAt('must be at most a year ahead');
}

function invalidSendAt(message: string): AppError {
  return new AppError('validation_failed', { issues: [{ path: 'send_at', message }] });
}
