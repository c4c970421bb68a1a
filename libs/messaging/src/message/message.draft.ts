import type { AttachmentView, ConversationId, MessageId, Metadata, UserId } from '@parley/contracts';

/** A message that is to be written, as it was asked for. */
export interface RequestedMessage {
  readonly conversationId: ConversationId;
  readonly senderId: UserId;
  /** `c` and the client's own client_message_id, or `g` and a key that the gateway minted. */
  readonly idempotencyKey: string;
  /** Of the request as first sent, 32 hex digits. */
  readonly requestHash: string;
  readonly content: string;
  readonly messageType: string;
  readonly replyToId: MessageId | null;
  /** The message that starts the thread of this one. */
  readonly threadRootId: MessageId | null;
  /** The sender's uploads, in their order. */
  readonly attachmentIds: readonly string[];
  /** Who is to be mentioned beside those that the content names. */
  readonly mentionIds: readonly UserId[];
  readonly metadata: Metadata;
  /** Sent by the schedule: it does not take its sender's read cursor along. */
  readonly isScheduled: boolean;
}

/** A message that is to be written, with what had to be looked up for it. */
export interface MessageDraft extends RequestedMessage {
  /** Whom it mentions; an empty id stands for everybody, beside those that are there. */
  readonly mentions: readonly string[];
  readonly attachments: readonly AttachmentView[];
}

/** The draft of a message. Field by field: to spread one object into another costs as much as to parse it. */
export function draftOf(
  message: RequestedMessage,
  mentions: readonly string[],
  attachments: readonly AttachmentView[],
): MessageDraft {
  return {
    conversationId: message.conversationId,
    senderId: message.senderId,
    idempotencyKey: message.idempotencyKey,
    requestHash: message.requestHash,
    content: message.content,
    messageType: message.messageType,
    replyToId: message.replyToId,
    threadRootId: message.threadRootId,
    attachmentIds: message.attachmentIds,
    mentionIds: message.mentionIds,
    metadata: message.metadata,
    isScheduled: message.isScheduled,
    mentions,
    attachments,
  };
}

/** Does writing it take more than a row of `messages`? */
export function isRich({ threadRootId, mentions, attachments, isScheduled }: MessageDraft): boolean {
  return threadRootId !== null || mentions.length > 0 || attachments.length > 0 || isScheduled;
}
