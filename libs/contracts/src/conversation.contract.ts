import { z } from 'zod';
import { CreateConversationBody, UpdateConversationBody } from './body/conversation.body';
import { ConversationId, Head, Rev, Seq, UserId } from './ids';
import { defineEvent } from './event';
import { defineRpc } from './rpc';
import { text } from './text';
import { ConversationType, ConversationView, PublicConversation, ViewedConversation } from './view/conversation.view';

/** What lists are searched for; an empty text searches for nothing. */
const SearchText = text(0, 255);

/** Creates a group or channel, or finds or creates the direct conversation of two users. */
export const CreateConversation = defineRpc({
  subject: 'messaging.conversation.create',
  request: z.object({ creatorId: UserId, conversation: CreateConversationBody }),
  response: z.object({ conversation: ViewedConversation, created: z.boolean() }),
  errors: ['validation_failed', 'unknown_users', 'user_blocked'],
  timeoutMs: 5_000,
});

export const GetConversation = defineRpc({
  subject: 'messaging.conversation.get',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({ conversation: ViewedConversation }),
  errors: ['conversation_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/**
 * The user's conversations, newest activity first, without direct ones that the user has hidden. `cursor` wins over `page`.
 */
export const ListConversations = defineRpc({
  subject: 'messaging.conversation.list',
  request: z.object({
    userId: UserId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
    type: ConversationType.optional(),
    /** Absent: archived and not archived alike. */
    archived: z.boolean().optional(),
    unreadOnly: z.boolean().optional(),
    /** Part of the title, or of another participant's name where there are at most 100; case does not matter. */
    q: SearchText.optional(),
  }),
  response: z.object({
    conversations: z.array(ViewedConversation),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['validation_failed'],
  timeoutMs: 5_000,
});

/** Settings are for admins and moderators, `is_archived` is the user's own. What is absent stays. */
export const UpdateConversation = defineRpc({
  subject: 'messaging.conversation.update',
  request: z.object({ userId: UserId, conversationId: ConversationId, changes: UpdateConversationBody }),
  response: z.object({ conversation: ViewedConversation }),
  errors: ['conversation_not_found', 'not_a_participant', 'insufficient_role', 'not_for_direct', 'validation_failed'],
  timeoutMs: 5_000,
});

/** Ends a group or channel for all; hides a direct conversation from the user's list until the next message. */
export const DeleteConversation = defineRpc({
  subject: 'messaging.conversation.delete',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({}),
  errors: ['conversation_not_found', 'not_a_participant', 'insufficient_role'],
  timeoutMs: 5_000,
});

/** Public groups and channels, newest first, whoever asks. `q` is part of the title. `cursor` wins over `page`. */
export const ListPublicConversations = defineRpc({
  subject: 'messaging.conversation.list_public',
  request: z.object({
    userId: UserId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
    q: SearchText.optional(),
  }),
  response: z.object({
    conversations: z.array(PublicConversation),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['validation_failed'],
  timeoutMs: 5_000,
});

/**
 * Enters a public group or channel; of one that the user is in already it answers the conversation. Whoever enters where
 * nobody is left becomes its admin.
 */
export const JoinConversation = defineRpc({
  subject: 'messaging.conversation.join',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({ conversation: ViewedConversation }),
  errors: ['conversation_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/** A conversation without a viewer, for gateways that announce it. Answers no client by itself. */
export const DescribeConversation = defineRpc({
  subject: 'messaging.conversation.describe',
  request: z.object({ conversationId: ConversationId }),
  response: z.object({ conversation: ConversationView }),
  errors: ['conversation_not_found'],
  timeoutMs: 5_000,
});

/** Where conversations stand, at most 1000 at a time; those that are gone, or that `userId` is not in, are left out. */
export const ReadHeads = defineRpc({
  subject: 'messaging.conversation.read_heads',
  request: z.object({ conversationIds: z.array(ConversationId).max(1_000), userId: UserId.optional() }),
  response: z.object({ heads: z.record(z.string(), Head) }),
  errors: [],
  timeoutMs: 5_000,
});

/** The settings changed. */
export const ConversationUpdated = defineEvent({
  scope: 'conversation',
  name: 'conversation_updated',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, conversation: ConversationView }),
});

/** The conversation is over for all; nothing follows. */
export const ConversationDeleted = defineEvent({
  scope: 'conversation',
  name: 'conversation_deleted',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev }),
});

/** Once a second: the heads that a messaging process moved, as [conversation id, seq, rev]. Repairs a lost last event. */
export const HeadsMoved = defineEvent({
  scope: 'live',
  name: 'messaging.heads_moved',
  payload: z.object({ v: z.literal(1), heads: z.array(z.tuple([ConversationId, Seq, Rev])) }),
});
