import { outgoing } from '@parley/bus';
import { MessagingConfig } from '@parley/config';
import { type EditMessage, MessageEdited, type RequestOf, type UserId, type ViewedMessage } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Inject, Injectable } from '@nestjs/common';
import { type Mentioning, MentionReader } from '../mention/mention.reader';
import { MessageChangeWriter } from './message-change.writer';
import { demandEditable } from './message-edit.policy';
import { MessageEditRepository, type PresentText } from './message-edit.repository';
import { checkContentLength } from './message.policy';
import { MessageReader } from './message.reader';

/** Edits messages. */
@Injectable()
export class MessageEditService {
  constructor(
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
    private readonly writer: MessageChangeWriter,
    private readonly repository: MessageEditRepository,
    private readonly mentions: MentionReader,
    private readonly reader: MessageReader,
  ) {}

  /**
   * Lets a message say something else, and mention those whom that names; whom its send mentioned beside those that its
   * content named stays mentioned. What it says already changes nothing.
   *
   * @returns the message as it is now.
   * @throws AppError `content_too_long`, or why the user may not edit it.
   */
  edit({ messageId, userId, content, metadata }: RequestOf<typeof EditMessage>): Promise<ViewedMessage> {
    checkContentLength(content, this.config.maxMessageLength);
    return this.writer.write(messageId, userId, async ({ conversation, message, participant }) => {
      demandEditable(message, participant, this.config.editWindowSeconds);
      const { id: conversationId, tx } = conversation;
      const place = { conversationId, seq: message.seq };
      const text = { content, metadata };
      const present = await this.repository.getPresent(tx, place, text);
      if (present.is_same) return;
      const mentionIds = await this.listOtherwiseMentioned(tx, { conversationId, senderId: userId }, present);
      const mentions = await this.mentions.resolve(tx, { conversationId, senderId: userId, content, mentionIds });
      const rev = conversation.nextRev();
      await this.repository.replace(tx, place, text, mentions, rev);
      const view = await this.reader.getView(tx, conversationId, message.seq);
      conversation.announce(outgoing(MessageEdited, conversationId, { v: 1, conversationId, rev, message: view }));
    });
  }

  /** Whom a message mentions without naming them. */
  private async listOtherwiseMentioned(
    tx: Queryable,
    sent: Pick<Mentioning, 'conversationId' | 'senderId'>,
    { content, mentions }: PresentText,
  ): Promise<UserId[]> {
    if (mentions.length === 0) return [];
    const named = new Set(await this.mentions.resolve(tx, { ...sent, content, mentionIds: [] }));
    return mentions.filter((id): id is UserId => !named.has(id));
  }
}
