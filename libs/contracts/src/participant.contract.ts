import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, Rev, Seq, UserId } from './ids';
import { defineRpc } from './rpc';
import { NotificationChoice, ParticipantRole, ParticipantView } from './view/conversation.view';

/** Brings users into a group or channel; those who are in it already stay as they are. */
export const AddParticipants = defineRpc({
  subject: 'messaging.participant.add',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    participantIds: z.array(UserId).min(1).max(1_000),
    role: ParticipantRole,
  }),
  /** Those that were asked for, as they are now, as many as one answer can carry; `added` of them all are new. */
  response: z.object({ participants: z.array(ParticipantView), added: z.number().int() }),
  errors: ['conversation_not_found', 'not_a_participant', 'insufficient_role', 'not_for_direct', 'unknown_users'],
  timeoutMs: 5_000,
});

/** By user id. `cursor` wins over `page`. */
export const ListParticipants = defineRpc({
  subject: 'messaging.participant.list',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({
    participants: z.array(ParticipantView),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['conversation_not_found', 'not_a_participant', 'validation_failed'],
  timeoutMs: 5_000,
});

/** What is absent stays. `notifications` is a participant's own choice, the rest needs a rank. */
export const UpdateParticipant = defineRpc({
  subject: 'messaging.participant.update',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    participantId: UserId,
    role: ParticipantRole.optional(),
    isMuted: z.boolean().optional(),
    notifications: NotificationChoice.optional(),
  }),
  response: z.object({
    participant: ParticipantView,
    /** Only where users ask about themselves. */
    notifications: NotificationChoice.nullable(),
  }),
  errors: [
    'conversation_not_found',
    'not_a_participant',
    'participant_not_found',
    'insufficient_role',
    'not_for_direct',
    'last_admin',
  ],
  timeoutMs: 5_000,
});

/** Takes somebody out of a group or channel: another, which needs a rank, or oneself. */
export const RemoveParticipant = defineRpc({
  subject: 'messaging.participant.remove',
  request: z.object({ userId: UserId, conversationId: ConversationId, participantId: UserId }),
  response: z.object({}),
  errors: [
    'conversation_not_found',
    'not_a_participant',
    'participant_not_found',
    'insufficient_role',
    'not_for_direct',
    'last_admin',
  ],
  timeoutMs: 5_000,
});

/** The conversations that a user is in, in id order, at most 5000 a page; `after` is the last id of the page before. */
export const ListMemberships = defineRpc({
  subject: 'messaging.participant.list_memberships',
  request: z.object({ userId: UserId, after: ConversationId.optional() }),
  response: z.object({ conversationIds: z.array(ConversationId), hasMore: z.boolean() }),
  errors: [],
  timeoutMs: 5_000,
});

const changed = z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, participant: ParticipantView });

/** A user is in the conversation from `rev` on. Goes with {@link ConversationJoined} to the user. */
export const ParticipantAdded = defineEvent({ scope: 'conversation', name: 'participant_added', payload: changed });

/** A participant's role changed, or whether it is muted. */
export const ParticipantUpdated = defineEvent({ scope: 'conversation', name: 'participant_updated', payload: changed });

/** A user is not in the conversation any more: hears this, and nothing of a later `rev`. */
export const ParticipantRemoved = defineEvent({
  scope: 'conversation',
  name: 'participant_removed',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, userId: UserId }),
});

/** A user is now in a conversation; what it hears of it begins after `rev`. */
export const ConversationJoined = defineEvent({
  scope: 'user',
  name: 'conversation_joined',
  payload: z.object({ v: z.literal(1), userId: UserId, conversationId: ConversationId, seq: Seq, rev: Rev }),
});
