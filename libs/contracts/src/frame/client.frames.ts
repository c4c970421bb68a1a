import { z } from 'zod';
import { EditMessageBody, Emoji, ReceiptBody, SendMessageBody } from '../body/message.body';
import { DeleteMessage, EditMessage, SendMessage } from '../message.contract';
import { AddReaction, RemoveReaction } from '../reaction.contract';
import { DeliveredCursorView, MarkReceived, ReadCursorView } from '../receipt.contract';
import { ScheduledMessageView } from '../schedule.contract';
import { ClientHeads, SyncView } from '../sync.contract';
import { Timestamp } from '../text';
import { ViewedMessage } from '../view/message.view';
import { defineClientFrame } from './client.frame';
import { presenceClientFrames } from './presence.frames';

const conversationId = z.string().max(64);
const messageId = z.string().max(64);

/** The REST body with the conversation's id. */
export const SendMessageFrame = SendMessageBody.extend({ conversation_id: conversationId }).meta({
  id: 'SendMessageFrame',
  example: { conversation_id: '7', content: 'Hello!', client_message_id: '5f0c2a' },
});
export type SendMessageFrame = z.infer<typeof SendMessageFrame>;

export const SendMessageAck = z.object({ message: z.union([ViewedMessage, ScheduledMessageView]) });
export type SendMessageAck = z.infer<typeof SendMessageAck>;

export const MessageAck = z.object({ message: ViewedMessage });
export type MessageAck = z.infer<typeof MessageAck>;

export const EditMessageFrame = EditMessageBody.extend({ message_id: messageId }).meta({
  id: 'EditMessageFrame',
  example: { message_id: '42', content: 'Hello again!' },
});
export type EditMessageFrame = z.infer<typeof EditMessageFrame>;

export const DeleteMessageFrame = z
  .object({ message_id: messageId })
  .meta({ id: 'DeleteMessageFrame', example: { message_id: '42' } });
export type DeleteMessageFrame = z.infer<typeof DeleteMessageFrame>;

export const ReactionFrame = z
  .object({ message_id: messageId, emoji: Emoji })
  .meta({ id: 'ReactionFrame', example: { message_id: '42', emoji: '👍' } });
export type ReactionFrame = z.infer<typeof ReactionFrame>;

/** Up to a message or a seq; or everything, where neither is given. */
export const ReceiptFrame = ReceiptBody.safeExtend({ conversation_id: conversationId.nullish() })
  .refine((frame) => (frame.conversation_id ?? null) !== null || (frame.message_id ?? null) !== null, {
    message: 'must have a conversation_id or a message_id',
  })
  .meta({ id: 'ReceiptFrame', example: { conversation_id: '7', message_id: '42' } });
export type ReceiptFrame = z.infer<typeof ReceiptFrame>;

export const SyncFrame = z
  .object({ heads: ClientHeads })
  .meta({ id: 'SyncFrame', example: { heads: { '7': { seq: 17, rev: 21 } } } });
export type SyncFrame = z.infer<typeof SyncFrame>;

export const AuthenticateFrame = z
  .object({ token: z.string() })
  .meta({ id: 'AuthenticateFrame', example: { token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln' } });
export type AuthenticateFrame = z.infer<typeof AuthenticateFrame>;

export const PongView = z.object({ server_time: Timestamp });
export type PongView = z.infer<typeof PongView>;

const reaction = { frame: ReactionFrame, ack: MessageAck };

/** Everything that clients say to the server, by event: what answers them, and the docs, are made from it. */
export const clientFrames = {
  send_message: defineClientFrame({
    summary: 'Sends a message, or keeps it until `send_at`. Those of one socket to one conversation keep their order.',
    frame: SendMessageFrame,
    ack: SendMessageAck,
    errors: SendMessage.errors,
  }),
  edit_message: defineClientFrame({
    summary: 'Replaces what an own message says.',
    frame: EditMessageFrame,
    ack: MessageAck,
    errors: EditMessage.errors,
  }),
  delete_message: defineClientFrame({
    summary: 'Deletes a message; the answer is the tombstone that is left.',
    frame: DeleteMessageFrame,
    ack: MessageAck,
    errors: DeleteMessage.errors,
  }),
  message_read: defineClientFrame({
    summary: 'Says what the user has read: up to a message, up to a `seq`, or everything.',
    frame: ReceiptFrame,
    ack: ReadCursorView,
    errors: MarkReceived.errors,
  }),
  message_delivered: defineClientFrame({
    summary: 'Says what has reached the user: up to a message, up to a `seq`, or everything.',
    frame: ReceiptFrame,
    ack: DeliveredCursorView,
    errors: MarkReceived.errors,
  }),
  add_reaction: defineClientFrame({ summary: 'Reacts to a message.', ...reaction, errors: AddReaction.errors }),
  remove_reaction: defineClientFrame({
    summary: 'Takes an own reaction back.',
    ...reaction,
    errors: RemoveReaction.errors,
  }),
  ...presenceClientFrames,
  sync: defineClientFrame({
    summary: 'Asks what the client has missed since its heads: an ack, or `synced` where none is asked for.',
    frame: SyncFrame,
    ack: SyncView,
    errors: [],
  }),
  authenticate: defineClientFrame({
    summary: 'Brings a fresh token of the same user, before the present one expires.',
    frame: AuthenticateFrame,
    ack: z.object({ expires_at: Timestamp }),
    errors: ['invalid_token', 'token_expired', 'user_mismatch'],
  }),
  ping: defineClientFrame({
    summary: 'Asks for a sign of life: an ack, or `pong` where none is asked for.',
    frame: z.object({}),
    ack: PongView,
    errors: [],
  }),
} as const;

export type ClientEvent = keyof typeof clientFrames;
