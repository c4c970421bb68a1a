import { z } from 'zod';
import { defineEvent } from './event';
import { ClientMessageId, ConversationId, Head, MessageId, Rev, Seq, UserId } from './ids';
import { rawJson } from './raw.json';
import { defineRpc } from './rpc';
import { Metadata, text, Timestamp } from './text';
import { ConversationView, ParticipantView } from './view/conversation.view';
import { MessageView, ViewedMessage } from './view/message.view';

/**
 * Stores a message; the answer means committed.
 *
 * `key` makes it safe to repeat: the same (conversation, sender, key) and the same request answer the first message for
 * ever (`duplicate`), with another request `idempotency_mismatch`. The gateway mints a key where the client gave none.
 */
export const SendMessage = defineRpc({
  subject: 'messaging.message.send',
  /** Messages to one conversation take its lock, its numbers and a commit together. */
  affinity: ({ conversationId }) => conversationId,
  isTrusted: true,
  request: z.object({
    conversationId: ConversationId,
    senderId: UserId,
    key: z.discriminatedUnion('by', [
      z.object({ by: z.literal('client'), id: ClientMessageId }),
      z.object({ by: z.literal('gateway'), id: z.string().max(64) }),
    ]),
    content: text(0, 1_000_000),
    messageType: z.string().max(64),
    replyToId: MessageId.nullable(),
    threadRootId: MessageId.nullable(),
    /** Own uploads to this conversation, in their order. */
    attachmentIds: z.array(z.string()),
    /** To be mentioned beside those that the content names; who is not in the conversation is left out. */
    mentions: z.array(UserId),
    metadata: Metadata.nullable(),
  }),
  response: z.object({ duplicate: z.boolean(), message: rawJson(MessageView) }),
  errors: [
    'conversation_not_found',
    'not_a_participant',
    'participant_muted',
    'posting_restricted',
    'user_blocked',
    'content_too_long',
    'message_type_not_allowed',
    'reply_target_not_found',
    'thread_root_not_found',
    'attachment_not_found',
    'attachment_already_used',
    'attachment_mismatch',
    'idempotency_mismatch',
    'validation_failed',
  ],
  timeoutMs: 5_000,
});

/** Where a page of history starts. `page` counts from the newest; `after_seq` ascends; the others descend, `around` ascends. */
export const HistoryPosition = z.discriminatedUnion('at', [
  z.object({ at: z.literal('page'), page: z.number().int().min(1) }),
  z.object({ at: z.literal('before_seq'), seq: Seq }),
  z.object({ at: z.literal('after_seq'), seq: Seq }),
  z.object({ at: z.literal('before_message'), messageId: MessageId }),
  z.object({ at: z.literal('around_message'), messageId: MessageId }),
]);
export type HistoryPosition = z.infer<typeof HistoryPosition>;

/** A page of a conversation's messages; it ends early, with `hasMore`, where it would pass the answer's bound in bytes. */
export const ListMessages = defineRpc({
  subject: 'messaging.message.list',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    position: HistoryPosition,
    limit: z.number().int().min(1).max(100),
    /** Only this message's thread: the replies, without the root. */
    threadRootId: MessageId.nullable(),
  }),
  response: z.object({ messages: z.array(ViewedMessage), hasMore: z.boolean() }),
  errors: ['conversation_not_found', 'not_a_participant', 'message_not_found'],
  timeoutMs: 5_000,
});

export const GetMessage = defineRpc({
  subject: 'messaging.message.get',
  request: z.object({ userId: UserId, messageId: MessageId }),
  response: z.object({ message: ViewedMessage }),
  errors: ['message_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/**
 * Replaces what a message of type `text` says, and mentions those whom it names now, beside those whom its send mentioned
 * otherwise; the earlier content is kept. Without `metadata` that stays. What says the same as before changes nothing.
 */
export const EditMessage = defineRpc({
  subject: 'messaging.message.edit',
  request: z.object({
    userId: UserId,
    messageId: MessageId,
    content: text(1, 1_000_000),
    metadata: Metadata.nullable(),
  }),
  response: z.object({ message: ViewedMessage }),
  errors: [
    'message_not_found',
    'not_a_participant',
    'not_the_sender',
    'participant_muted',
    'user_blocked',
    'edit_window_over',
    'message_not_editable',
    'message_deleted',
    'content_too_long',
  ],
  timeoutMs: 5_000,
});

/** Leaves a tombstone. Of what is deleted already it answers the tombstone. */
export const DeleteMessage = defineRpc({
  subject: 'messaging.message.delete',
  request: z.object({ userId: UserId, messageId: MessageId }),
  response: z.object({ message: ViewedMessage }),
  errors: ['message_not_found', 'not_a_participant', 'insufficient_role', 'not_the_sender', 'delete_window_over'],
  timeoutMs: 5_000,
});

/** What an edited message said before, and when that was replaced: oldest first, without the present content. */
export const EarlierContent = z
  .object({ content: z.string().meta({ example: 'Hello there!' }), edited_at: Timestamp })
  .meta({ id: 'EarlierContent' });
export type EarlierContent = z.infer<typeof EarlierContent>;

export const ListEdits = defineRpc({
  subject: 'messaging.message.list_edits',
  request: z.object({ userId: UserId, messageId: MessageId }),
  response: z.object({ history: z.array(EarlierContent) }),
  errors: ['message_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

/**
 * What every participant is to hear of a conversation after `since`, for gateways that repair a gap.
 * `head` is where the answer ends; with `hasMore`, go on from there.
 */
export const ListChanges = defineRpc({
  subject: 'messaging.message.list_changes',
  request: z.object({ conversationId: ConversationId, since: Head }),
  response: z.object({
    /** New ones in their present state, by seq, each with the `rev` of its creation. */
    messages: z.array(z.object({ rev: Rev, message: MessageView })),
    /** Older ones that changed, in their latest state, by rev. */
    changed: z.array(MessageView),
    /** Those who came or changed, as they are now, by rev. */
    participants: z.array(z.object({ rev: Rev, participant: ParticipantView })),
    /** All who left, also beyond where the answer ends: they must hear nothing of what came after. */
    removed: z.array(z.object({ rev: Rev, userId: UserId })),
    /** The conversation, where its settings or participants changed: at `conversationRev`. */
    conversation: ConversationView.nullable(),
    conversationRev: Rev,
    head: Head,
    hasMore: z.boolean(),
  }),
  errors: ['conversation_not_found'],
  timeoutMs: 5_000,
});

/** A message is in the conversation at `rev`; `message.rev` is higher where it has changed since. */
export const MessageCreated = defineEvent({
  scope: 'conversation',
  name: 'message_created',
  isBulk: true,
  isTrusted: true,
  payload: z.object({
    v: z.literal(1),
    conversationId: ConversationId,
    rev: Rev,
    seq: Seq,
    message: rawJson(MessageView),
  }),
});

/** A message says something else from `rev` on. */
export const MessageEdited = defineEvent({
  scope: 'conversation',
  name: 'message_edited',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, message: MessageView }),
});

/** Of a message only its tombstone is left. */
export const MessageDeleted = defineEvent({
  scope: 'conversation',
  name: 'message_deleted',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, messageId: MessageId, seq: Seq }),
});
