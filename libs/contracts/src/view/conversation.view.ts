import { z } from 'zod';
import { ConversationId, Rev, Seq, UserId } from '../ids';
import { Timestamp } from '../text';
import { ShortMessageView } from './message.view';
import { AnnouncedUser, UserView } from './user.view';

export const ConversationType = z.enum(['direct', 'group', 'channel']);
export type ConversationType = z.infer<typeof ConversationType>;

export const ParticipantRole = z.enum(['admin', 'moderator', 'participant']);
export type ParticipantRole = z.infer<typeof ParticipantRole>;

export const ParticipantView = z
  .object({
    user_id: UserId,
    role: ParticipantRole,
    is_muted: z.boolean(),
    joined_at: Timestamp,
    last_read_seq: Seq,
    last_read_at: Timestamp.nullable(),
    last_delivered_seq: Seq,
    user: UserView,
  })
  .meta({ id: 'Participant' });
export type ParticipantView = z.infer<typeof ParticipantView>;

/** A participant as events carry it: without presence. */
export const AnnouncedParticipant = ParticipantView.extend({ user: AnnouncedUser }).meta({ id: 'ParticipantEvent' });

/** What a participant wants to be told of by push. For the participant alone. */
export const NotificationChoice = z.enum(['all', 'mentions', 'none']);
export type NotificationChoice = z.infer<typeof NotificationChoice>;

/** A conversation as every participant sees it: what events carry. `participants` holds the first 100, in lists the first 10. */
export const ConversationView = z
  .object({
    id: ConversationId,
    type: ConversationType,
    title: z.string().nullable().meta({ example: 'Study group' }),
    description: z.string().nullable(),
    avatar_url: z.string().nullable(),
    visibility: z.enum(['private', 'public']),
    posting: z.enum(['everyone', 'moderators']),
    metadata: z.record(z.string(), z.unknown()),
    created_by: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_message_at: Timestamp,
    last_message: ShortMessageView.nullable(),
    last_seq: Seq,
    rev: Rev,
    participant_count: z.number().int(),
    participants: z.array(AnnouncedParticipant),
    is_deleted: z.boolean(),
  })
  .meta({ id: 'ConversationEvent' });
export type ConversationView = z.infer<typeof ConversationView>;

/** A conversation as one of its participants sees it: what REST and `sync` answer. */
export const ViewedConversation = ConversationView.extend({
  participants: z.array(ParticipantView),
  is_archived: z.boolean(),
  is_muted: z.boolean(),
  my_role: ParticipantRole,
  notifications: NotificationChoice,
  last_read_seq: Seq,
  /** Messages above `last_read_seq` that others sent and nobody deleted. Derived, never counted up. */
  unread_count: z.number().int(),
  mention_count: z.number().int(),
}).meta({ id: 'Conversation' });
export type ViewedConversation = z.infer<typeof ViewedConversation>;

/** A public channel as those see it who are not in it. */
export const PublicConversation = ConversationView.pick({
  id: true,
  type: true,
  title: true,
  description: true,
  avatar_url: true,
  visibility: true,
  posting: true,
  metadata: true,
  created_by: true,
  created_at: true,
  updated_at: true,
  last_message_at: true,
  participant_count: true,
})
  .extend({ is_participant: z.boolean() })
  .meta({ id: 'PublicConversation' });
export type PublicConversation = z.infer<typeof PublicConversation>;
