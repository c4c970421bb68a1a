import { z } from 'zod';
import { ConversationId, MessageId, Rev, Seq, UserId } from '../ids';
import { Timestamp } from '../text';
import { AttachmentView } from './attachment.view';

/** A message as every participant sees it: nothing in it depends on who looks. */
export const MessageView = z
  .object({
    id: MessageId,
    conversation_id: ConversationId,
    seq: Seq,
    rev: Rev,
    sender_id: UserId,
    sender_name: z.string().meta({ example: 'Alice' }),
    sender_avatar_url: z.string().nullable(),
    content: z.string().meta({ example: 'Hello!' }),
    message_type: z.string().meta({ example: 'text' }),
    reply_to_id: MessageId.nullable(),
    reply_to_content: z.string().nullable(),
    /** From here to `pinned_at`: always there, so that clients can rely on it, and empty where a message has none. */
    thread_root_id: MessageId.nullable(),
    thread: z
      .object({ reply_count: z.number().int(), last_reply_at: Timestamp, participant_ids: z.array(UserId) })
      .nullable(),
    attachments: z.array(AttachmentView).meta({ example: [] }),
    reactions: z.record(z.string(), z.object({ count: z.number().int(), user_ids: z.array(UserId) })),
    /** By name or id, and in conversations of up to 100 by `@all`. */
    mentions: z.array(UserId),
    mentions_everyone: z.boolean(),
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
  .meta({ id: 'MessageEvent' });
export type MessageView = z.infer<typeof MessageView>;

/** A message as one participant sees it: what REST and `sync` answer. */
export const ViewedMessage = MessageView.extend({
  reactions: z.record(z.string(), z.object({ count: z.number().int(), user_ids: z.array(UserId), me: z.boolean() })),
  /**
   * Of an own message: how far all others have come, `sent` in conversations of more than 100. Of another's: how far the
   * viewer has.
   */
  status: MessageView.shape.status,
  /** Of another's message: did the viewer read it? Of an own one: did all others? */
  is_read: z.boolean(),
  /** When it was read, where that is one moment: by the viewer, or of an own message in a direct conversation by the other. */
  read_at: Timestamp.nullable(),
}).meta({ id: 'Message' });
export type ViewedMessage = z.infer<typeof ViewedMessage>;

/** The last message of a conversation, as lists show it: `content` is cut to 200 characters. */
export const ShortMessageView = z
  .object({
    id: MessageId,
    seq: Seq,
    sender_id: UserId,
    sender_name: z.string().meta({ example: 'Alice' }),
    content: z.string().meta({ example: 'Hello!' }),
    message_type: z.string().meta({ example: 'text' }),
    created_at: Timestamp,
    is_deleted: z.boolean(),
  })
  .meta({ id: 'ShortMessage' });
export type ShortMessageView = z.infer<typeof ShortMessageView>;
