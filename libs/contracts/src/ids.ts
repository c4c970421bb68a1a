import { z } from 'zod';
import { text } from './text';

const maxBigint = '9223372036854775807';

/** A positive PostgreSQL bigint in decimal: opaque to clients, a number that JSON cannot round to us. */
const decimalId = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be a decimal id')
  .refine((id) => id.length < maxBigint.length || id <= maxBigint, 'must be a decimal id');

export const ConversationId = decimalId.brand<'ConversationId'>();
export type ConversationId = z.infer<typeof ConversationId>;

export const MessageId = decimalId.brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;

/** The `sub` of the user's token, 1 to 255 characters: whatever the product's issuer puts there. */
export const UserId = text(1, 255).brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

/** A client's own name for a message that it sends, 1 to 64 characters; unique per sender and conversation, for ever. */
export const ClientMessageId = text(1, 64);

/** Position of a message in its conversation, from 1, without gaps. */
export const Seq = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
export type Seq = z.infer<typeof Seq>;

/** Position of a durable change of any kind in its conversation, from 1, without gaps. */
export const Rev = Seq;
export type Rev = z.infer<typeof Rev>;

/** How far a conversation, or a client's picture of it, has come. */
export const Head = z.object({ seq: Seq, rev: Rev });
export type Head = z.infer<typeof Head>;
