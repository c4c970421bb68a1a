import type { AttachmentView } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { AttachmentReader } from '../attachment/attachment.reader';
import { mayMention, MentionReader } from '../mention/mention.reader';
import { type MessageDraft, type RequestedMessage, draftOf } from './message.draft';
import { MessageRepository } from './message.repository';
import { checkAttachments } from './message-type.policy';

/** Looks up what a message takes that its request does not hold: whom it mentions, and what its attachments are. */
@Injectable()
export class MessagePreparation {
  /** By sender and conversation, the last message that is being looked up. */
  private readonly underway = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly repository: MessageRepository,
    private readonly mentions: MentionReader,
    private readonly attachments: AttachmentReader,
  ) {}

  /**
   * Hands the draft of a message to `write`: at once where there is nothing to be looked up, and never before the drafts
   * of the same sender's earlier messages to the conversation.
   *
   * @returns what `write` does.
   * @throws AppError `attachment_not_found`, `attachment_already_used`, `attachment_mismatch` before `write` is called,
   *   `service_unavailable`.
   */
  prepare<T>(message: RequestedMessage, write: (draft: MessageDraft) => Promise<T>): Promise<T> {
    const isReady = message.attachmentIds.length === 0 && !mayMention(message);
    if (isReady && this.underway.size === 0) return write(draftOf(message, [], []));
    const line = `${message.conversationId}\0${message.senderId}`;
    const before = this.underway.get(line);
    if (isReady && before === undefined) return write(draftOf(message, [], []));
    return this.lookUpInLine(line, before, message, write);
  }

  private async lookUpInLine<T>(
    line: string,
    before: Promise<unknown> | undefined,
    message: RequestedMessage,
    write: (draft: MessageDraft) => Promise<T>,
  ): Promise<T> {
    const handedOver = Promise.allSettled([this.lookUp(message), before]).then(([draft]) => {
      if (this.underway.get(line) === handedOver) this.underway.delete(line);
      if (draft.status === 'rejected') throw draft.reason;
      // Not awaited: those behind wait for their turn, not for the commit.
      return { written: write(draft.value) };
    });
    this.underway.set(line, handedOver);
    return (await handedOver).written;
  }

  private async lookUp(message: RequestedMessage): Promise<MessageDraft> {
    const [mentions, attachments] = await Promise.all([
      this.mentions.resolve(this.database, message),
      this.describe(message),
    ]);
    return draftOf(message, mentions, attachments);
  }

  /** Of a repetition nothing is described: the files may be gone with the message that had them, and the key will tell. */
  private async describe(message: RequestedMessage): Promise<AttachmentView[]> {
    const { senderId, conversationId, attachmentIds, messageType, isScheduled } = message;
    if (attachmentIds.length === 0) return [];
    const first = await this.repository.listFirst([message]);
    if (first.size > 0) return [];
    const [attachments] = await Promise.all([
      this.attachments.describe(senderId, conversationId, attachmentIds),
      isScheduled || this.attachments.demandUnscheduled(senderId, conversationId, attachmentIds),
    ]);
    checkAttachments(messageType, attachments);
    return attachments;
  }
}
