import { z } from 'zod';
import { defineEvent } from './event';
import { ClientMessageId, ConversationId, Head, MessageId, Rev, Seq, UserId } from './ids';
import { defineRpc } from './rpc';
import { Metadata, text } from './text';
import { MessageView } from './view/message.view';

/**
 * Stores a message; the answer means committed.
 *
 * `key` makes it safe to repeat: the same (conversation, sender, key) and the same request answer the first message for
 * ever (`duplicate`), with another request `idempotency_mismatch`. The gateway mints a key where the client gave none.
 */
export const SendMessage = defineRpc({
  subject: 'messaging.message.send',
  request: z.object({
    conversationId: ConversationId,
    senderId: UserId,
    key: z.discriminatedUnion('by', [
      z.object({ by: z.literal('client'), id: ClientMessageId }),
      z.object({ by: z.literal('gateway'), id: z.string().max(64) }),
    ]),
    content: text(1, 1_000_000),
    messageType: z.string().max(64),
    replyToId: MessageId.nullable(),
    metadata: Metadata.nullable(),
  }),
  response: z.object({ message: MessageView, duplicate: z.boolean() }),
  errors: [
    'conversation_not_found',
    'not_a_participant',
    'participant_muted',
    'posting_restricted',
    'content_too_long',
    'reply_target_not_found',
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
  }),
  response: z.object({ messages: z.array(MessageView), hasMore: z.boolean() }),
  errors: ['conversation_not_found', 'not_a_participant', 'message_not_found'],
  timeoutMs: 5_000,
});

/**
 * What every participant is to hear of a conversation after `since`, for gateways that repair a gap.
 * `head` is where the answer ends; with `hasMore`, go on from there.
 */
export const ListChanges = defineRpc({
  subject: 'messaging.message.list_changes',
  request: z.object({ conversationId: ConversationId, since: Head }),
  response: z.object({ messages: z.array(MessageView), head: Head, hasMore: z.boolean() }),
  errors: ['conversation_not_found'],
  timeoutMs: 5_000,
});

/** A message is in the conversation at `rev`; `message.rev` is higher where it has changed since. */
export const MessageCreated = defineEvent({
  scope: 'conversation',
  name: 'message_created',
  payload: z.object({ v: z.literal(1), conversationId: ConversationId, rev: Rev, message: MessageView }),
});
