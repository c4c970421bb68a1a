import { outgoing } from '@parley/bus';
import { MessagePinned, MessageUnpinned, type PinMessage, type RequestOf, type ViewedMessage } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { type MessageChange, MessageChangeWriter } from '../message/message-change.writer';
import { MessageReader } from '../message/message.reader';
import { demandPinner, judgePin } from './pin.policy';
import { PinRepository } from './pin.repository';

type PinRequest = RequestOf<typeof PinMessage>;

/** Pins messages and takes them down. What is so already stays so, and nobody hears of it. */
@Injectable()
export class PinService {
  constructor(
    private readonly writer: MessageChangeWriter,
    private readonly repository: PinRepository,
    private readonly reader: MessageReader,
  ) {}

  /** @returns the message, pinned. @throws AppError why the user may not pin it. */
  pin({ messageId, userId }: PinRequest): Promise<ViewedMessage> {
    return this.writer.write(messageId, userId, async (change) => {
      const { conversation, message, participant } = change;
      demandPinner(participant, conversation.type);
      if (!judgePin(message)) return;
      const rev = conversation.nextRev();
      await this.repository.pin(conversation.tx, conversation.id, message.seq, rev);
      conversation.announce(outgoing(MessagePinned, conversation.id, await this.describe(change, rev)));
    });
  }

  /** @returns the message, not pinned. @throws AppError why the user may not take it down. */
  unpin({ messageId, userId }: PinRequest): Promise<ViewedMessage> {
    return this.writer.write(messageId, userId, async (change) => {
      const { conversation, message, participant } = change;
      demandPinner(participant, conversation.type);
      if (!message.isPinned) return;
      const rev = conversation.nextRev();
      await this.repository.unpin(conversation.tx, conversation.id, message.seq, rev);
      conversation.announce(outgoing(MessageUnpinned, conversation.id, await this.describe(change, rev)));
    });
  }

  private async describe({ conversation, message, participant }: MessageChange, rev: number) {
    return {
      v: 1 as const,
      conversationId: conversation.id,
      rev,
      userId: participant.userId,
      message: await this.reader.getView(conversation.tx, conversation.id, message.seq),
    };
  }
}
