import {
  ConversationId,
  type ConversationView,
  type ParticipantView,
  UserId,
  type ViewedConversation,
} from '@parley/contracts';
import { aUser } from './user.builder';

/** A participant's view with valid defaults. */
export function aParticipant(fields: Partial<ParticipantView> = {}): ParticipantView {
  const user = fields.user ?? aUser(fields.user_id === undefined ? {} : { id: fields.user_id });
  return {
    user_id: user.id,
    role: 'participant',
    is_muted: false,
    joined_at: '2026-01-20T10:00:00.000Z',
    last_read_seq: 0,
    last_read_at: null,
    last_delivered_seq: 0,
    user,
    ...fields,
  };
}

/** An empty group of Alice and Bob, as events carry it. */
export function aConversation(fields: Partial<ConversationView> = {}): ConversationView {
  const participants = fields.participants ?? [
    aParticipant({ role: 'admin' }),
    aParticipant({ user: aUser({ id: UserId.parse('bob'), display_name: 'Bob' }) }),
  ];
  return {
    id: ConversationId.parse('1'),
    type: 'group',
    title: 'Study group',
    description: null,
    avatar_url: null,
    visibility: 'private',
    posting: 'everyone',
    metadata: {},
    created_by: UserId.parse('alice'),
    created_at: '2026-01-20T10:00:00.000Z',
    updated_at: '2026-01-20T10:00:00.000Z',
    last_message_at: '2026-01-20T10:00:00.000Z',
    last_message: null,
    last_seq: 0,
    rev: 1,
    participant_count: participants.length,
    participants,
    is_deleted: false,
    ...fields,
  };
}

/** The same as Alice sees it, who has read all. */
export function aViewedConversation(fields: Partial<ViewedConversation> = {}): ViewedConversation {
  return {
    ...aConversation(),
    is_archived: false,
    is_muted: false,
    my_role: 'admin',
    notifications: 'all',
    last_read_seq: 0,
    unread_count: 0,
    mention_count: 0,
    ...fields,
  };
}
