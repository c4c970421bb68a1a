import { outgoing, type OutgoingEvent } from '@parley/bus';
import {
  type ConversationId,
  type MessageId,
  type Metadata,
  ScheduledFailed,
  type ScheduledMessageView,
  type UserId,
} from '@parley/contracts';
import type { AppError } from '@parley/errors';
import type { RequestedMessage } from '../message/message.draft';
import { clientMessageId } from '../message/message.policy';

/** What a scheduled message says, as its row keeps it until it is due. */
interface StoredDraft {
  readonly content: string;
  readonly messageType: string;
  readonly replyToId: string | null;
  readonly threadRootId: string | null;
  readonly attachmentIds: readonly string[];
  readonly mentionIds: readonly string[];
  readonly metadata: Metadata;
}

/** A scheduled message as {@link scheduledColumns} reads it. */
export interface ScheduledRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly sender_id: string;
  readonly idempotency_key: string;
  readonly request_hash: string;
  readonly draft: StoredDraft;
  readonly send_at: string;
  readonly created_at: string;
  readonly settled_at: string | null;
  readonly cancelled_at: string | null;
}

/** A scheduled message with what became of it, however long ago. */
export interface KeptRow extends Omit<ScheduledRow, 'draft'> {
  /** Null where it is forgotten what it said. */
  readonly draft: StoredDraft | null;
  /** Of the message that it became, whether or not that is noted. */
  readonly message_id: MessageId | null;
  readonly message_seq: string | null;
}

/** What became of a scheduled message. */
export type Fate = Pick<ScheduledMessageView, 'status' | 'message_id' | 'seq'>;

const unsent = { message_id: null, seq: null };
export const waiting: Fate = { status: 'scheduled', ...unsent };
export const failed: Fate = { status: 'failed', ...unsent };
export const cancelled: Fate = { status: 'cancelled', ...unsent };

/** What a ScheduledRow holds, from `s`. */
export const scheduledColumns = `
  s.id, s.conversation_id, s.sender_id, s.idempotency_key, encode(s.request_hash, 'hex') AS request_hash, s.draft,
  s.send_at, s.created_at, s.settled_at, s.cancelled_at`;

export function toStoredDraft(message: RequestedMessage): StoredDraft {
  const { content, messageType, replyToId, threadRootId, attachmentIds, mentionIds, metadata } = message;
  return { content, messageType, replyToId, threadRootId, attachmentIds, mentionIds, metadata };
}

/** The message that is sent when it is due, under the key and the hash of the request that scheduled it. */
export function toDueMessage(row: ScheduledRow): RequestedMessage {
  const { draft } = row;
  return {
    conversationId: row.conversation_id as ConversationId,
    senderId: row.sender_id as UserId,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    content: draft.content,
    messageType: draft.messageType,
    replyToId: draft.replyToId as MessageId | null,
    threadRootId: draft.threadRootId as MessageId | null,
    attachmentIds: draft.attachmentIds,
    mentionIds: draft.mentionIds as readonly UserId[],
    metadata: draft.metadata,
    isScheduled: true,
  };
}

export function fateOf({ message_id, message_seq, settled_at, cancelled_at }: KeptRow): Fate {
  if (message_id !== null) return { status: 'sent', message_id, seq: Number(message_seq) };
  if (cancelled_at !== null) return cancelled;
  return settled_at === null ? waiting : failed;
}

export function toScheduledView(row: ScheduledRow, fate: Fate): ScheduledMessageView {
  const { draft } = row;
  return {
    id: row.id,
    conversation_id: row.conversation_id as ConversationId,
    sender_id: row.sender_id as UserId,
    content: draft.content,
    message_type: draft.messageType,
    reply_to_id: draft.replyToId,
    thread_root_id: draft.threadRootId,
    attachment_ids: [...draft.attachmentIds],
    mentions: [...draft.mentionIds] as UserId[],
    metadata: draft.metadata,
    client_message_id: clientMessageId(row.idempotency_key),
    send_at: row.send_at,
    created_at: row.created_at,
    ...fate,
  };
}

/** The event that tells a sender why a message was not sent. */
export function toScheduledFailed(row: ScheduledRow, error: AppError): OutgoingEvent {
  const scheduled = toScheduledView(row, failed);
  const { conversation_id: conversationId, sender_id: userId } = scheduled;
  const payload = { v: 1, userId, conversationId, scheduled, code: error.code, reason: error.message } as const;
  return outgoing(ScheduledFailed, userId, payload);
}
