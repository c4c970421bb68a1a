import type { MessageId, Seq, UserId } from '@parley/contracts';

/** What policies judge a message by that is to be changed. */
export interface MessageState {
  readonly id: MessageId;
  readonly seq: Seq;
  readonly senderId: UserId;
  readonly messageType: string;
  /** Since it was stored, by the database's clock. Below 0 where that clock went back. */
  readonly ageSeconds: number;
  readonly threadRootId: MessageId | null;
  readonly isDeleted: boolean;
  readonly isPinned: boolean;
}

/** A message as {@link messageStateColumns} reads it. */
export interface MessageStateRow {
  readonly id: string;
  readonly seq: string;
  readonly sender_id: string;
  readonly message_type: string;
  readonly age_seconds: number;
  readonly thread_root_id: string | null;
  readonly is_deleted: boolean;
  readonly is_pinned: boolean;
}

/** What a MessageStateRow holds, from `m`. */
export const messageStateColumns = `
  m.id, m.seq, m.sender_id, m.message_type, m.thread_root_id,
  extract(epoch FROM clock_timestamp() - m.created_at)::float8 AS age_seconds,
  m.deleted_at IS NOT NULL AS is_deleted, m.pinned_at IS NOT NULL AS is_pinned`;

export function toMessageState(row: MessageStateRow): MessageState {
  return {
    id: row.id as MessageId,
    seq: Number(row.seq),
    senderId: row.sender_id as UserId,
    messageType: row.message_type,
    ageSeconds: row.age_seconds,
    threadRootId: row.thread_root_id as MessageId | null,
    isDeleted: row.is_deleted,
    isPinned: row.is_pinned,
  };
}

/** Is a window of so many seconds after the send still open? One of 0 seconds never was. */
export function isWithin({ ageSeconds }: MessageState, windowSeconds: number): boolean {
  return Math.max(ageSeconds, 0) < windowSeconds;
}
