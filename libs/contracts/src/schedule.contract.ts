import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, MessageId, Seq, UserId } from './ids';
import { SendMessage } from './message.contract';
import { defineRpc } from './rpc';
import { Timestamp } from './text';

/** A message that waits for its time, or did. */
export const ScheduledMessageView = z
  .object({
    id: z.string().meta({ example: '5' }).describe('Its own: no message has it, nor the one that it becomes.'),
    conversation_id: ConversationId,
    sender_id: UserId,
    content: z.string().meta({ example: 'Hello!' }),
    message_type: z.string().meta({ example: 'text' }),
    reply_to_id: z.string().nullable(),
    thread_root_id: z.string().nullable(),
    attachment_ids: z.array(z.string()).meta({ example: [] }),
    mentions: z.array(UserId),
    metadata: z.record(z.string(), z.unknown()),
    client_message_id: z.string().nullable(),
    send_at: Timestamp,
    created_at: Timestamp,
    status: z.enum(['scheduled', 'sent', 'failed', 'cancelled']),
    message_id: MessageId.nullable().describe('The message that it became; null unless it was sent.'),
    seq: Seq.nullable().describe('That of the message that it became.'),
  })
  .meta({ id: 'ScheduledMessage' });
export type ScheduledMessageView = z.infer<typeof ScheduledMessageView>;

/**
 * Keeps a message for later, once per key as {@link SendMessage} does: a repetition is told what became of it. Who may send
 * now may schedule.
 */
export const ScheduleMessage = defineRpc({
  subject: 'messaging.schedule.add',
  request: SendMessage.request.extend({ sendAt: Timestamp }),
  response: z.object({ scheduled: ScheduledMessageView, duplicate: z.boolean() }),
  errors: [...SendMessage.errors, 'scheduled_already_sent'],
  timeoutMs: 5_000,
});

/** The user's own messages that wait in a conversation, next due first. `cursor` wins over `page`. */
export const ListScheduled = defineRpc({
  subject: 'messaging.schedule.list',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({
    messages: z.array(ScheduledMessageView),
    hasMore: z.boolean(),
    nextCursor: z.string().nullable(),
  }),
  errors: ['conversation_not_found', 'not_a_participant', 'validation_failed'],
  timeoutMs: 5_000,
});

/** What is cancelled stays so, and keeps its key. */
export const CancelScheduled = defineRpc({
  subject: 'messaging.schedule.cancel',
  request: z.object({ userId: UserId, scheduledId: z.string() }),
  response: z.object({ scheduled: ScheduledMessageView }),
  errors: ['scheduled_not_found', 'scheduled_already_sent', 'scheduled_failed'],
  timeoutMs: 5_000,
});

/** A due message could not be sent: its sender left, was muted, ... Told to the sender alone. */
export const ScheduledFailed = defineEvent({
  scope: 'user',
  name: 'scheduled_failed',
  payload: z.object({
    v: z.literal(1),
    userId: UserId,
    conversationId: ConversationId,
    scheduled: ScheduledMessageView,
    code: z.string(),
    reason: z.string(),
  }),
});
