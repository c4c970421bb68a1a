import type { ConversationId, MessageId, Metadata, UserId } from '@parley/contracts';

/** A message that is to be written. */
export interface MessageDraft {
  readonly conversationId: ConversationId;
  readonly senderId: UserId;
  /** `c` and the client's own client_message_id, or `g` and a key that the gateway minted. */
  readonly idempotencyKey: string;
  /** Of the request as first sent, 32 hex digits. */
  readonly requestHash: string;
  readonly content: string;
  readonly messageType: string;
  readonly replyToId: MessageId | null;
  readonly metadata: Metadata;
}
