import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, MessageId, Rev, UserId } from './ids';
import { defineRpc } from './rpc';
import { MessageView, ViewedMessage } from './view/message.view';

const request = z.object({ userId: UserId, messageId: MessageId });
const response = z.object({ message: ViewedMessage });

/** By admins and moderators, and by either side of a direct conversation. */
export const PinMessage = defineRpc({
  subject: 'messaging.pin.add',
  request,
  response,
  errors: ['message_not_found', 'not_a_participant', 'user_blocked', 'insufficient_role', 'message_deleted'],
  timeoutMs: 5_000,
});

export const UnpinMessage = defineRpc({
  subject: 'messaging.pin.remove',
  request,
  response,
  errors: ['message_not_found', 'not_a_participant', 'user_blocked', 'insufficient_role'],
  timeoutMs: 5_000,
});

/** Pinned messages, latest pin first. `cursor` wins over `page`. */
export const ListPins = defineRpc({
  subject: 'messaging.pin.list',
  request: z.object({
    userId: UserId,
    conversationId: ConversationId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({ messages: z.array(ViewedMessage), hasMore: z.boolean(), nextCursor: z.string().nullable() }),
  errors: ['conversation_not_found', 'not_a_participant', 'validation_failed'],
  timeoutMs: 5_000,
});

const payload = z.object({
  v: z.literal(1),
  conversationId: ConversationId,
  rev: Rev,
  userId: UserId,
  message: MessageView,
});

export const MessagePinned = defineEvent({ scope: 'conversation', name: 'message_pinned', payload });
export const MessageUnpinned = defineEvent({ scope: 'conversation', name: 'message_unpinned', payload });
