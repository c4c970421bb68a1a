import { outgoing } from '@parley/bus';
import { MessagingConfig } from '@parley/config';
import { type DeleteMessage, MessageDeleted, type RequestOf, type ViewedMessage } from '@parley/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { AttachmentRepository } from '../attachment/attachment.repository';
import { MessageChangeWriter } from './message-change.writer';
import { judgeDeletion } from './message-delete.policy';
import { MessageDeleteRepository } from './message-delete.repository';

/** Deletes messages. */
@Injectable()
export class MessageDeleteService {
  constructor(
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
    private readonly writer: MessageChangeWriter,
    private readonly repository: MessageDeleteRepository,
    private readonly attachments: AttachmentRepository,
  ) {}

  /**
   * Leaves a tombstone of a message; its files are let go of, and its thread is one reply shorter.
   *
   * @returns the tombstone, also of what was deleted before.
   * @throws AppError why the user may not.
   */
  delete({ messageId, userId }: RequestOf<typeof DeleteMessage>): Promise<ViewedMessage> {
    return this.writer.write(messageId, userId, async ({ conversation, message, participant }) => {
      if (!judgeDeletion(message, participant, conversation.type, this.config.deleteWindowSeconds)) return;
      const { id: conversationId, tx } = conversation;
      const { seq, senderId, threadRootId: rootId } = message;
      const rev = conversation.nextRev();
      await this.repository.empty(tx, conversationId, seq, rev);
      if (rootId !== null) await this.repository.shortenThread(tx, conversationId, { rootId, senderId }, rev);
      const released = await this.attachments.release(tx, conversationId, [seq]);
      const deleted = outgoing(MessageDeleted, conversationId, { v: 1, conversationId, rev, messageId, seq });
      conversation.announce(deleted, ...released);
    });
  }
}
