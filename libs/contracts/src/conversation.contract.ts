import { z } from 'zod';
import { CreateConversationBody } from './body/conversation.body';
import { ConversationId, Head, Rev, Seq, UserId } from './ids';
import { defineEvent } from './event';
import { defineRpc } from './rpc';
import { ConversationType, ConversationView, ViewedConversation } from './view/conversation.view';

/** Creates a group or channel, or finds or creates the direct conversation of two users. */
export const CreateConversation = defineRpc({
  subject: 'messaging.conversation.create',
  request: z.object({ creatorId: UserId, conversation: CreateConversationBody }),
  response: z.object({ conversation: ViewedConversation, created: z.boolean() }),
  errors: ['validation_failed', 'unknown_users'],
  timeoutMs: 5_000,
});

export const GetConversation = defineRpc({
  subject: 'messaging.conversation.get',
  request: z.object({ userId: UserId, conversationId: ConversationId }),
  response: z.object({ conversation: ViewedConversation }),
  errors: ['conversation_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/** The user's conversations, newest activity first. `cursor` wins over `page`. */
export const ListConversations = defineRpc({
  subject: 'messaging.conversation.list',
  request: z.object({
    userId: UserId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
    type: ConversationType.optional(),
  }),
  response: z.object({
    conversations: z.array(ViewedConversation),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['validation_failed'],
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

/** Where conversations stand, at most 1000 at a time; those that are gone are left out. */
export const ReadHeads = defineRpc({
  subject: 'messaging.conversation.read_heads',
  request: z.object({ conversationIds: z.array(ConversationId).max(1_000) }),
  response: z.object({ heads: z.record(z.string(), Head) }),
  errors: [],
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

/** A user is now in a conversation; what it hears of it begins after `rev`. */
export const ConversationJoined = defineEvent({
  scope: 'user',
  name: 'conversation_joined',
  payload: z.object({ v: z.literal(1), userId: UserId, conversationId: ConversationId, seq: Seq, rev: Rev }),
});

/** Once a second: the heads that a messaging process moved, as [conversation id, seq, rev]. Repairs a lost last event. */
export const HeadsMoved = defineEvent({
  scope: 'live',
  name: 'messaging.heads_moved',
  payload: z.object({ v: z.literal(1), heads: z.array(z.tuple([ConversationId, Seq, Rev])) }),
});
