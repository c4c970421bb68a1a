import { outgoing, type OutgoingEvent } from '@parley/bus';
import {
  type AttachmentView,
  type ConversationId,
  MessageCreated,
  type MessageId,
  type MessageView,
  type Metadata,
  type RawJson,
  type UserId,
  type ViewedMessage,
} from '@parley/contracts';
import type { MessageDraft } from './message.draft';
import { clientMessageId } from './message.policy';
import { everybody } from '../mention/mention.policy';

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
  readonly thread_root_id: string | null;
  readonly reply_count: number;
  readonly last_reply_at: string | null;
  readonly replier_ids: readonly string[] | null;
  /** An empty id stands for everybody, beside those that were there. */
  readonly mentions: readonly string[] | null;
  readonly metadata: Metadata;
  readonly attachments: readonly AttachmentView[] | null;
  readonly reactions: readonly ReactionJson[] | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
  readonly pinned_at: string | null;
}

/** One emoji's reactions, the first users first. */
interface ReactionJson {
  readonly emoji: string;
  readonly count: number;
  readonly user_ids: UserId[];
  /** Is the viewer among them? Null where nobody looks. */
  readonly me: boolean | null;
}

/** A message as `viewedColumns` read it. */
export interface ViewedMessageRow extends MessageRow {
  /** Of another's message: by the viewer. Of an own one: by all others. */
  readonly is_read: boolean;
  readonly is_delivered: boolean;
  readonly read_at: string | null;
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
  const isDeleted = row.deleted_at !== null;
  const mentions = isDeleted ? [] : (row.mentions ?? []);
  return {
    id: row.id as MessageId,
    conversation_id: row.conversation_id as ConversationId,
    seq: Number(row.seq),
    rev: Number(row.rev),
    sender_id: row.sender_id as UserId,
    sender_name: row.sender_name,
    sender_avatar_url: row.sender_avatar_url,
    content: isDeleted ? '' : row.content,
    message_type: row.message_type,
    reply_to_id: row.reply_to_id as MessageId | null,
    reply_to_content: row.reply_to_content,
    thread_root_id: row.thread_root_id as MessageId | null,
    thread: toThread(row),
    attachments: [...(row.attachments ?? [])],
    reactions: byEmoji(row.reactions, ({ count, user_ids }) => ({ count, user_ids })),
    mentions: namedIn(mentions),
    mentions_everyone: mentions.includes(everybody),
    edited_at: row.edited_at,
    deleted_at: row.deleted_at,
    pinned_at: row.pinned_at,
    metadata: isDeleted ? {} : row.metadata,
    client_message_id: clientMessageId(row.idempotency_key),
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_edited: row.edited_at !== null,
    is_deleted: isDeleted,
    status: 'sent',
  };
}

/**
 * A message as its sender is answered who repeats it. Who is out of the conversation learns that it was stored, and nothing of
 * what others have made of it since.
 */
export function toRepeatedView(row: MessageRow & { readonly is_inside: boolean }): MessageView {
  if (row.is_inside) return toMessageView(row);
  const { created_rev: rev } = row;
  return toMessageView({ ...row, rev, reply_to_content: null, reply_count: 0, reactions: null, pinned_at: null });
}

/** A message as the viewer of its row sees it. */
export function toViewedMessage(row: ViewedMessageRow): ViewedMessage {
  return {
    ...toMessageView(row),
    reactions: byEmoji(row.reactions, ({ count, user_ids, me }) => ({ count, user_ids, me: me === true })),
    status: row.is_read ? 'read' : row.is_delivered ? 'delivered' : 'sent',
    is_read: row.is_read,
    read_at: row.read_at,
  };
}

function namedIn(mentions: readonly string[]): UserId[] {
  return mentions.filter((id) => id !== everybody) as UserId[];
}

function toThread({ reply_count, last_reply_at, replier_ids }: MessageRow): MessageView['thread'] {
  if (reply_count === 0 || last_reply_at === null) return null;
  return { reply_count, last_reply_at, participant_ids: (replier_ids ?? []) as UserId[] };
}

function byEmoji<T>(reactions: readonly ReactionJson[] | null, view: (reaction: ReactionJson) => T): Record<string, T> {
  return Object.fromEntries((reactions ?? []).map((reaction) => [reaction.emoji, view(reaction)]));
}

/** The view of a message that was written just now, as {@link toMessageView} gives it: what was asked for, and what the database allotted. */
export function toNewMessageView(draft: MessageDraft, row: AllottedRow): MessageView {
  const { mentions } = draft;
  return {
    id: row.id as MessageId,
    conversation_id: draft.conversationId,
    seq: Number(row.seq),
    rev: Number(row.rev),
    sender_id: draft.senderId,
    sender_name: row.sender_name,
    sender_avatar_url: row.sender_avatar_url,
    content: draft.content,
    message_type: draft.messageType,
    reply_to_id: draft.replyToId,
    reply_to_content: row.reply_to_content,
    thread_root_id: draft.threadRootId,
    thread: null,
    attachments: [...draft.attachments],
    reactions: {},
    mentions: mentions.length > 0 ? namedIn(mentions) : [],
    mentions_everyone: mentions.length > 0 && mentions.includes(everybody),
    edited_at: null,
    deleted_at: null,
    pinned_at: null,
    metadata: draft.metadata,
    client_message_id: clientMessageId(draft.idempotencyKey),
    created_at: row.created_at,
    updated_at: row.created_at,
    is_edited: false,
    is_deleted: false,
    status: 'sent',
  };
}

/**
 * The event that announces a message.
 *
 * @param rev of the message's creation; the message may have changed since.
 */
export function toMessageCreated(message: RawJson<MessageView>, rev: number): OutgoingEvent {
  const { conversation_id: conversationId, seq } = message.value;
  return outgoing(MessageCreated, conversationId, { v: 1, conversationId, rev, seq, message });
}
