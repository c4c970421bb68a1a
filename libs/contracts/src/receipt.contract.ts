import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, MessageId, Seq, UserId } from './ids';
import { defineRpc } from './rpc';
import { Timestamp } from './text';

export const ReceiptKind = z.enum(['read', 'delivered']);
export type ReceiptKind = z.infer<typeof ReceiptKind>;

/**
 * Moves a user's cursor up to a message; never down, and never past the last one. Reading is getting: the `read` cursor
 * takes the `delivered` one along.
 */
export const MarkReceived = defineRpc({
  subject: 'messaging.receipt.mark',
  request: z.object({
    userId: UserId,
    kind: ReceiptKind,
    upTo: z.discriminatedUnion('by', [
      z.object({ by: z.literal('message'), messageId: MessageId, conversationId: ConversationId.optional() }),
      z.object({ by: z.literal('seq'), conversationId: ConversationId, seq: Seq }),
      z.object({ by: z.literal('everything'), conversationId: ConversationId }),
    ]),
  }),
  /** Where the cursor of this kind stands now, and what is unread above the `read` one. */
  response: z.object({
    conversationId: ConversationId,
    upToSeq: Seq,
    at: Timestamp.nullable(),
    unreadCount: z.number().int(),
    mentionCount: z.number().int(),
  }),
  errors: ['conversation_not_found', 'not_a_participant', 'message_not_found'],
  timeoutMs: 5_000,
});

const cursor = {
  conversation_id: ConversationId,
  up_to_seq: Seq,
  unread_count: z.number().int(),
  mention_count: z.number().int(),
};

/** Where a user's `read` cursor stands, and what is unread above it. */
export const ReadCursorView = z.object({ ...cursor, read_at: Timestamp.nullable() }).meta({ id: 'ReadCursor' });
export type ReadCursorView = z.infer<typeof ReadCursorView>;

/** Where a user's `delivered` cursor stands, and what is unread. */
export const DeliveredCursorView = z
  .object({ ...cursor, delivered_at: Timestamp.nullable() })
  .meta({ id: 'DeliveredCursor' });
export type DeliveredCursorView = z.infer<typeof DeliveredCursorView>;

/** Who got a message and who read it, and when; those who did neither have nulls. The sender is left out. */
export const ReceiptView = z
  .object({ user_id: UserId, delivered_at: Timestamp.nullable(), read_at: Timestamp.nullable() })
  .meta({ id: 'MessageReceipt' });
export type ReceiptView = z.infer<typeof ReceiptView>;

/** By user id. `cursor` wins over `page`. */
export const ListReceipts = defineRpc({
  subject: 'messaging.receipt.list',
  request: z.object({
    userId: UserId,
    messageId: MessageId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({ receipts: z.array(ReceiptView), hasMore: z.boolean(), nextCursor: z.string().nullable() }),
  errors: ['message_not_found', 'not_a_participant', 'validation_failed'],
  timeoutMs: 5_000,
});

export const UnreadView = z
  .object({
    total_unread: z.number().int(),
    total_mentions: z.number().int(),
    by_conversation: z.array(
      z.object({
        conversation_id: ConversationId,
        unread_count: z.number().int(),
        mention_count: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'Unread' });
export type UnreadView = z.infer<typeof UnreadView>;

/** What a user has not read, over all conversations that are not hidden; those with nothing unread are left out. */
export const CountUnread = defineRpc({
  subject: 'messaging.receipt.count_unread',
  request: z.object({ userId: UserId }),
  response: z.object({ unread: UnreadView }),
  errors: [],
  timeoutMs: 5_000,
});

/**
 * Cursors that moved, gathered for up to a second by the process that moved them. Of conversations of more than 100
 * participants a user's own devices alone are told what was read; others ask.
 */
export const ReceiptsMoved = defineEvent({
  scope: 'live',
  name: 'messaging.receipts_moved',
  payload: z.object({
    v: z.literal(1),
    receipts: z.array(
      z.object({
        conversationId: ConversationId,
        userId: UserId,
        kind: ReceiptKind,
        upToSeq: Seq,
        /** Of the message at `upToSeq`. */
        messageId: MessageId,
        at: Timestamp,
        /** For the user's own devices alone. */
        isOwn: z.boolean().optional(),
      }),
    ),
  }),
});
