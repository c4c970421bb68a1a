import { outgoing, type OutgoingEvent } from '@parley/bus';
import {
  type ConversationId,
  MessageCreated,
  type MessageId,
  type MessageView,
  type Metadata,
  type UserId,
} from '@parley/contracts';
import type { MessageDraft } from './message.draft';
import { clientMessageId } from './message.policy';

/** A message as `messageColumns` reads it. */
export interface MessageRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly seq: string;
  readonly rev: string;
  readonly created_rev: string;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly sender_avatar_url: string | null;
  readonly idempotency_key: string;
  readonly content: string;
  readonly message_type: string;
  readonly reply_to_id: string | null;
  readonly reply_to_content: string | null;
  readonly metadata: Metadata;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What the database allotted to a draft that it stored. */
export interface AllottedRow {
  readonly id: string;
  readonly seq: string;
  readonly rev: string;
  readonly created_at: string;
  readonly sender_name: string;
  readonly sender_avatar_url: string | null;
  readonly reply_to_content: string | null;
}

export function toMessageView(row: MessageRow): MessageView {
  return {
    id: row.id as MessageId,
    conversation_id: row.conversation_id as ConversationId,
    seq: Number(row.seq),
    rev: Number(row.rev),
    sender_id: row.sender_id as UserId,
    sender_name: row.sender_name,
    sender_avatar_url: row.sender_avatar_url,
    content: row.content,
    message_type: row.message_type,
    reply_to_id: row.reply_to_id as MessageId | null,
    reply_to_content: row.reply_to_content,
    thread_root_id: null,
    thread: null,
    attachments: [],
    reactions: {},
    mentions: [],
    edited_at: null,
    deleted_at: null,
    pinned_at: null,
    metadata: row.metadata,
    client_message_id: clientMessageId(row.idempotency_key),
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_edited: false,
    is_deleted: false,
    status: 'sent',
  };
}

/** The view of a message that was written just now: what was asked for, and what the database allotted. */
export function toNewMessageView(draft: MessageDraft, row: AllottedRow): MessageView {
  return toMessageView({
    id: row.id,
    conversation_id: draft.conversationId,
    seq: row.seq,
    rev: row.rev,
    created_rev: row.rev,
    sender_id: draft.senderId,
    sender_name: row.sender_name,
    sender_avatar_url: row.sender_avatar_url,
    idempotency_key: draft.idempotencyKey,
    content: draft.content,
    message_type: draft.messageType,
    reply_to_id: draft.replyToId,
    reply_to_content: row.reply_to_content,
    metadata: draft.metadata,
    created_at: row.created_at,
    updated_at: row.created_at,
  });
}

/**
 * The event that announces a message.
 *
 * @param rev of the message's creation; the message may have changed since.
 */
export function toMessageCreated(message: MessageView, rev: number): OutgoingEvent {
  const conversationId = message.conversation_id;
  return outgoing(MessageCreated, conversationId, { v: 1, conversationId, rev, message });
}
