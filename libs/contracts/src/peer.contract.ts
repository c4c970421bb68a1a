import { z } from 'zod';
import { ConversationId, Head, UserId } from './ids';
import { defineRpc } from './rpc';
import { Timestamp } from './text';
import { UserView } from './view/user.view';

/** Participants that a conversation may have for its changes of presence to be pushed; larger ones are asked. */
export const maxAudience = 100;

/**
 * Which of these users the viewer may see, because they share a conversation and the user does not block the viewer; and
 * what the profiles tell of their presence. Those who may not be seen are left out.
 */
export const DescribePeers = defineRpc({
  subject: 'messaging.peer.describe',
  request: z.object({
    viewerId: UserId,
    userIds: z.array(UserId).max(1_000),
    /** The caller knows that all of them share a conversation with the viewer. */
    areParticipants: z.boolean(),
    /** Answered with those that the viewer is in. */
    conversationIds: z.array(ConversationId).max(1_000).optional(),
  }),
  response: z.object({
    peers: z.array(z.object({ userId: UserId, lastSeen: Timestamp.nullable(), statusText: z.string().nullable() })),
    conversationIds: z.array(ConversationId),
  }),
  errors: [],
  timeoutMs: 5_000,
});

/** Users that the viewer shares a conversation with and may see, by id; `after` is the last one of the page before. */
export const ListPeers = defineRpc({
  subject: 'messaging.peer.list',
  request: z.object({ viewerId: UserId, after: UserId.optional(), limit: z.number().int().min(1).max(1_000) }),
  response: z.object({ users: z.array(UserView), hasMore: z.boolean() }),
  errors: [],
  timeoutMs: 5_000,
});

/** The participants of a conversation whom the viewer, one of them, may see; by id, as {@link ListPeers}. */
export const ListVisibleParticipants = defineRpc({
  subject: 'messaging.peer.list_participants',
  request: z.object({
    viewerId: UserId,
    conversationId: ConversationId,
    after: UserId.optional(),
    limit: z.number().int().min(1).max(1_000),
  }),
  response: z.object({ users: z.array(UserView), hasMore: z.boolean(), head: Head }),
  errors: ['conversation_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/**
 * For gateways that push presence: who takes part in conversations, and who blocks users.
 *
 * Conversations of more than 100 participants, and those that are gone, have an empty list. The answer is bounded in bytes:
 * what is left out of it is to be asked again.
 */
export const ListAudiences = defineRpc({
  subject: 'messaging.peer.list_audiences',
  request: z.object({
    conversationIds: z.array(ConversationId).max(1_000),
    userIds: z.array(UserId).max(1_000),
  }),
  response: z.object({
    participants: z.array(z.tuple([ConversationId, z.array(UserId)])),
    /** By user: those who block that user. */
    blockers: z.array(z.tuple([UserId, z.array(UserId)])),
  }),
  errors: [],
  timeoutMs: 5_000,
});

/** May a user say something in a conversation, and hence be seen typing? */
export const CheckVoice = defineRpc({
  subject: 'messaging.peer.check_voice',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({}),
  errors: ['conversation_not_found', 'not_a_participant', 'participant_muted', 'posting_restricted', 'user_blocked'],
  timeoutMs: 5_000,
});

/** Writes when users were last seen into their profiles; an earlier time than the present one changes nothing. */
export const SaveLastSeen = defineRpc({
  subject: 'messaging.peer.save_last_seen',
  request: z.object({ seen: z.array(z.tuple([UserId, Timestamp])).max(1_000) }),
  response: z.object({}),
  errors: [],
  timeoutMs: 5_000,
});
