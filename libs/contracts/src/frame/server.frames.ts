import { z } from 'zod';
import { Epoch, Head, Rev, Seq } from '../ids';
import { SyncView } from '../sync.contract';
import { Timestamp } from '../text';
import { ScheduledMessageView } from '../schedule.contract';
import { AnnouncedParticipant, ConversationView } from '../view/conversation.view';
import { MessageView } from '../view/message.view';
import { OwnUserView } from '../view/user.view';
import { PongView } from './client.frames';
import { presenceFrames } from './presence.frames';

const conversationId = z.string().meta({ example: '7' });
const messageId = z.string().meta({ example: '42' });
const scheduledId = z.string().meta({ example: '5' });
const userId = z.string().meta({ example: 'alice' });

/** A durable change: `rev` is its place among the conversation's. */
const change = z.object({ conversation_id: conversationId, rev: Rev });
const messageChange = change.extend({ message: MessageView });
const pinChange = messageChange.extend({ message_id: messageId, user_id: userId });
const reactionChange = change.extend({
  message_id: messageId,
  user_id: userId,
  emoji: z.string().meta({ example: '👍' }),
});
const receipt = z.object({ conversation_id: conversationId, message_id: messageId, user_id: userId, up_to_seq: Seq });

/** Of events that show participants: everybody gets the same. */
const withoutPresence =
  'Users are always `offline` in it: `subscribe_presence` answers who is online, and `user_status_change` tells of changes.';

/** Everything that the server says to a socket by itself, by event; the descriptions are those of the docs. */
export const serverFrames = {
  session: z
    .object({ user: OwnUserView, server_time: Timestamp, epoch: Epoch, heads: z.record(z.string(), Head) })
    .meta({
      description:
        'First of all: who the socket is, and where its conversations stand; after a handshake with heads, what the client has seen once it has read `synced`.',
      example: {
        user: {
          id: 'alice',
          username: 'alice',
          display_name: 'Alice',
          avatar_url: null,
          status: 'online',
          last_seen: null,
          status_text: null,
          email: 'alice@example.com',
          role: 'user',
          is_banned: false,
          created_at: '2026-01-20T10:00:00.000Z',
        },
        server_time: '2026-01-20T10:00:00.000Z',
        epoch: 'bafd053b-ed8c-4aea-ae78-3e1087c89112',
        heads: { '7': { seq: 17, rev: 21 } },
      },
    }),
  synced: SyncView.meta({
    id: 'Synced',
    description: 'What was missed: second, for a handshake that gave heads; later for a `sync` that asks for no ack.',
  }),
  new_message: messageChange.describe('A message is in a conversation of the user.'),
  message_edited: messageChange.describe('A message says something else.'),
  message_deleted: change
    .extend({ message_id: messageId, seq: Seq })
    .describe('A message was deleted; a tombstone is left.'),
  message_pinned: pinChange.describe('A message was pinned, by `user_id`.'),
  message_unpinned: pinChange.describe('A message was unpinned, by `user_id`.'),
  reaction_added: reactionChange.describe('A user reacted to a message.'),
  reaction_removed: reactionChange.describe('A user took a reaction back.'),
  conversation_created: change
    .extend({ conversation: ConversationView })
    .describe(`The user is in a new conversation, or new in one. ${withoutPresence}`),
  conversation_updated: change
    .extend({ conversation: ConversationView })
    .describe(`The settings changed. ${withoutPresence}`),
  conversation_deleted: change.describe('The conversation is over for all; nothing of it follows.'),
  participant_added: change
    .extend({ participant: AnnouncedParticipant })
    .describe(`Somebody is new in the conversation. ${withoutPresence}`),
  participant_updated: change
    .extend({ participant: AnnouncedParticipant })
    .describe(`A participant has another role, was muted or may speak again. ${withoutPresence}`),
  participant_removed: change
    .extend({ user_id: userId })
    .describe(
      'Somebody left or was removed. The removed user hears it, too, and nothing of the conversation after it.',
    ),
  message_read: receipt
    .extend({ read_at: Timestamp })
    .describe(
      'A user has read everything up to a message. In conversations of more than 100 participants only to the devices of that user.',
    ),
  message_delivered: receipt
    .extend({ delivered_at: Timestamp })
    .describe('A user got everything up to a message. Not in conversations of more than 100 participants.'),
  scheduled_failed: z
    .object({
      conversation_id: conversationId,
      scheduled_id: scheduledId,
      scheduled: ScheduledMessageView,
      code: z.string().meta({ example: 'participant_muted' }),
      message: z.string().meta({ example: 'You are muted in this conversation' }),
    })
    .describe('To its sender alone: a scheduled message was due and could not be sent.'),
  ...presenceFrames,
  resync: z
    .object({
      conversation_ids: z.array(conversationId).optional(),
      reason: z.string().meta({ example: 'conversation_joined' }),
    })
    .describe('The named conversations must be loaded again; all, if none is named.'),
  draining: z
    .object({ reconnect_after_ms: z.number().int() })
    .describe('This server is going away: reconnect after so many milliseconds.'),
  error: z
    .object({
      message: z.string(),
      code: z.string(),
      event: z.string().optional(),
      /** In the refusal of a connection: may the same handshake succeed later? */
      retryable: z.boolean().optional(),
      /** In the refusal of a connection, where it is known: when to come back, in seconds. */
      retry_after: z.number().int().optional(),
      /** Before the connection is closed with 1013: when to come back. */
      reconnect_after_ms: z.number().int().optional(),
    })
    .meta({
      description:
        'A frame that asked for no ack could not be done; or, on a plain WebSocket, why the connection is closed. ' +
        'What refuses a connection says whether it may succeed later (`retryable`) and, where that is known, after how many seconds ' +
        '(`retry_after`) or milliseconds (`reconnect_after_ms`).',
      example: { message: 'Conversation not found', code: 'conversation_not_found', event: 'send_message' },
    }),
  pong: PongView.describe('Answers a `ping` that asked for no ack.'),
} as const;

export type ServerEvent = keyof typeof serverFrames;
export type ServerFrame<E extends ServerEvent> = z.infer<(typeof serverFrames)[E]>;

/** Socket.IO's typed event map of what the server emits. */
export type ServerEvents = { [E in ServerEvent]: (frame: ServerFrame<E>) => void };
