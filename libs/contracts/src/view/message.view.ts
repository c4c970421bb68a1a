import { z } from 'zod';
import { ConversationId, MessageId, Rev, Seq, UserId } from '../ids';
import { Timestamp } from '../text';

/** A message as every participant sees it: nothing in it depends on who looks. */
export const MessageView = z
  .object({
    id: MessageId,
    conversation_id: ConversationId,
    seq: Seq,
    rev: Rev,
    sender_id: UserId,
    sender_name: z.string(),
    sender_avatar_url: z.string().nullable(),
    content: z.string(),
    message_type: z.string(),
    reply_to_id: MessageId.nullable(),
    reply_to_content: z.string().nullable(),
    /** From here to `pinned_at`: always there, so that clients can rely on it, and empty where a message has none. */
    thread_root_id: MessageId.nullable(),
    thread: z
      .object({ reply_count: z.number().int(), last_reply_at: Timestamp, participant_ids: z.array(UserId) })
      .nullable(),
    attachments: z.array(z.record(z.string(), z.unknown())),
    reactions: z.record(z.string(), z.object({ count: z.number().int(), user_ids: z.array(UserId) })),
    mentions: z.array(UserId),
    edited_at: Timestamp.nullable(),
    deleted_at: Timestamp.nullable(),
    pinned_at: Timestamp.nullable(),
    metadata: z.record(z.string(), z.unknown()),
    client_message_id: z.string().nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
    is_edited: z.boolean(),
    is_deleted: z.boolean(),
    status: z.enum(['sent', 'delivered', 'read']),
  })
  .meta({ id: 'Message' });
export type MessageView = z.infer<typeof MessageView>;

/** The last message of a conversation, as lists show it: `content` is cut to 200 characters. */
export const ShortMessageView = z
  .object({
    id: MessageId,
    seq: Seq,
    sender_id: UserId,
    sender_name: z.string(),
    content: z.string(),
    message_type: z.string(),
    created_at: Timestamp,
    is_deleted: z.boolean(),
  })
  .meta({ id: 'ShortMessage' });
export type ShortMessageView = z.infer<typeof ShortMessageView>;
