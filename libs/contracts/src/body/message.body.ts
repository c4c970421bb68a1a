import { z } from 'zod';
import { ClientMessageId, UserId } from '../ids';
import { Metadata, text } from '../text';

/** What a client says to send a message: the REST body, and (with `conversation_id`) the frame. */
export const SendMessageBody = z
  .object({
    /** The deployment's `MAX_MESSAGE_LENGTH` is checked by the service; empty only with attachments. */
    content: text(0, 1_000_000).nullish(),
    /** `text` if absent; the deployment knows which there are. */
    message_type: z.string().min(1).max(64).nullish(),
    reply_to_id: z.string().max(64).nullish(),
    thread_root_id: z.string().max(64).nullish(),
    attachment_ids: z.array(z.string().min(1).max(64)).max(10).nullish(),
    /** Ids of users to mention, beside those that the content names as `@username`. */
    mentions: z.array(UserId).max(100).nullish(),
    metadata: Metadata.nullish(),
    client_message_id: ClientMessageId.nullish(),
    /** Alias of `client_message_id`. */
    local_temp_id: ClientMessageId.or(z.literal('')).nullish(),
    /** Sends it then: a time to come, with its zone. */
    send_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .meta({ id: 'SendMessage', example: { content: 'Hello!', client_message_id: '5f0c2a' } });
export type SendMessageBody = z.infer<typeof SendMessageBody>;

export const EditMessageBody = z
  .object({ content: text(1, 1_000_000), metadata: Metadata.nullish() })
  .meta({ id: 'EditMessage', example: { content: 'Hello again!' } });
export type EditMessageBody = z.infer<typeof EditMessageBody>;

/** Up to where was read (or got): everything, where neither is given. */
export const ReceiptBody = z
  .object({
    up_to_seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
    message_id: z.string().max(64).nullish(),
  })
  .refine((body) => (body.up_to_seq ?? null) === null || (body.message_id ?? null) === null, {
    message: 'must have only one of up_to_seq and message_id',
  })
  .meta({ id: 'Receipt', example: { up_to_seq: 17 } });
export type ReceiptBody = z.infer<typeof ReceiptBody>;

/** A reaction: any text of 1 to 64 characters, usually one emoji. */
export const Emoji = text(1, 64)
  .refine((value) => value.trim() !== '', { message: 'must not be blank' })
  // Reactions are answered as an object's keys, and parsers drop this one.
  .refine((value) => value !== '__proto__', { message: 'must not be __proto__' });
