import type {
  ConversationId,
  ConversationView,
  MessageId,
  Metadata,
  NotificationChoice,
  ParticipantRole,
  PublicConversation,
  ShortMessageView,
  UserId,
  ViewedConversation,
} from '@parley/contracts';
import { type ParticipantJson, toParticipantView } from '../participant/participant.mapper';

/** What describes a conversation to anybody: `descriptionColumns`. */
export interface ConversationDescriptionRow {
  readonly id: string;
  readonly type: ConversationView['type'];
  readonly title: string | null;
  readonly description: string | null;
  readonly avatar_url: string | null;
  readonly visibility: ConversationView['visibility'];
  readonly posting: ConversationView['posting'];
  readonly metadata: Metadata;
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly last_message_at: string;
  readonly participant_count: number;
}

/** A conversation as `conversationColumns` reads it. */
export interface ConversationRow extends ConversationDescriptionRow {
  readonly last_seq: string;
  readonly rev: string;
  readonly deleted_at: string | null;
  readonly last_message: ShortMessageJson | null;
  readonly participants: readonly ParticipantJson[];
}

/** A conversation with what one of its participants sees of it: `viewerColumns`. */
export interface ViewedConversationRow extends ConversationRow {
  readonly my_role: ParticipantRole;
  readonly is_muted: boolean;
  readonly is_archived: boolean;
  readonly notifications: NotificationChoice;
  readonly last_read_seq: string;
  readonly unread_count: string;
  readonly mention_count: string;
}

/** Ids are texts in it, counters numbers. */
export interface ShortMessageJson {
  readonly id: string;
  readonly seq: number;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly content: string;
  readonly message_type: string;
  readonly created_at: string;
  readonly is_deleted: boolean;
}

export function toConversationView(row: ConversationRow): ConversationView {
  return {
    ...toDescription(row),
    last_message: row.last_message && toShortMessageView(row.last_message),
    last_seq: Number(row.last_seq),
    rev: Number(row.rev),
    participants: row.participants.map(toParticipantView),
    is_deleted: row.deleted_at !== null,
  };
}

export function toViewedConversation(row: ViewedConversationRow): ViewedConversation {
  return {
    ...toConversationView(row),
    is_archived: row.is_archived,
    is_muted: row.is_muted,
    my_role: row.my_role,
    notifications: row.notifications,
    last_read_seq: Number(row.last_read_seq),
    unread_count: Number(row.unread_count),
    mention_count: Number(row.mention_count),
  };
}

export function toPublicConversation(
  row: ConversationDescriptionRow & { readonly is_participant: boolean },
): PublicConversation {
  return { ...toDescription(row), is_participant: row.is_participant };
}

function toDescription(row: ConversationDescriptionRow): Omit<PublicConversation, 'is_participant'> {
  return {
    id: row.id as ConversationId,
    type: row.type,
    title: row.title,
    description: row.description,
    avatar_url: row.avatar_url,
    visibility: row.visibility,
    posting: row.posting,
    metadata: row.metadata,
    created_by: row.created_by as UserId,
    created_at: row.created_at,
    updated_at: row.updated_at,
    last_message_at: row.last_message_at,
    participant_count: row.participant_count,
  };
}

function toShortMessageView(json: ShortMessageJson): ShortMessageView {
  return {
    id: json.id as MessageId,
    seq: json.seq,
    sender_id: json.sender_id as UserId,
    sender_name: json.sender_name,
    content: json.content,
    message_type: json.message_type,
    created_at: new Date(json.created_at).toISOString(),
    is_deleted: json.is_deleted,
  };
}
