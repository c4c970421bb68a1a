import { z } from 'zod';
import { text } from './text';

const maxBigint = '9223372036854775807';

/** A positive PostgreSQL bigint in decimal: opaque to clients, a number that JSON cannot round to us. */
const decimalId = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be a decimal id')
  .refine((id) => id.length < maxBigint.length || id <= maxBigint, 'must be a decimal id');

export const ConversationId = decimalId.meta({ example: '7' }).brand<'ConversationId'>();
export type ConversationId = z.infer<typeof ConversationId>;

export const MessageId = decimalId.meta({ example: '42' }).brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;

/** Of a message that waits to be sent. */
export const ScheduledId = decimalId.meta({ example: '5' }).brand<'ScheduledId'>();
export type ScheduledId = z.infer<typeof ScheduledId>;

/** Names an uploaded file: nobody can guess it, which alone gives no access. */
export const FileId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a file id')
  .meta({ example: '0b9f3c1e-5d7a-4e57-9c53-6a1d2e3f4b5c' })
  .brand<'FileId'>();
export type FileId = z.infer<typeof FileId>;

/** The `sub` of the user's token, 1 to 255 characters: whatever the product's issuer puts there. */
export const UserId = text(1, 255).meta({ example: 'alice' }).brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

/** A client's own name for a message that it sends, 1 to 64 characters; unique per sender and conversation, for ever. */
export const ClientMessageId = text(1, 64).meta({ example: '5f0c2a' });

/** Position of a message in its conversation, from 1, without gaps. */
export const Seq = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
export type Seq = z.infer<typeof Seq>;

/** Position of a durable change of any kind in its conversation, from 1, without gaps. */
export const Rev = Seq;
export type Rev = z.infer<typeof Rev>;

/** Names one life of the database. */
export const Epoch = z.string().meta({ example: 'bafd053b-ed8c-4aea-ae78-3e1087c89112' });

/** How far a conversation, or a client's picture of it, has come. */
export const Head = z.object({ seq: Seq, rev: Rev });
export type Head = z.infer<typeof Head>;
