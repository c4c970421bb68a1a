import { outgoing } from '@parley/bus';
import {
  type AddReaction,
  ReactionAdded,
  ReactionRemoved,
  type RequestOf,
  type ViewedMessage,
} from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { type MessageChange, MessageChangeWriter } from '../message/message-change.writer';
import { demandReactable, judgeReaction } from './reaction.policy';
import { type Reaction, ReactionRepository } from './reaction.repository';

type ReactionRequest = RequestOf<typeof AddReaction>;

/** Adds reactions to messages and takes them back. What is so already stays so, and nobody hears of it. */
@Injectable()
export class ReactionService {
  constructor(
    private readonly writer: MessageChangeWriter,
    private readonly repository: ReactionRepository,
  ) {}

  /** @returns the message with the reaction. @throws AppError why the user may not react. */
  add({ messageId, userId, emoji }: ReactionRequest): Promise<ViewedMessage> {
    return this.writer.write(messageId, userId, async (change) => {
      const { conversation, message, participant } = change;
      demandReactable(message, participant);
      const reaction = { conversationId: conversation.id, seq: message.seq, userId, emoji };
      if (!judgeReaction(await this.repository.readStanding(conversation.tx, reaction))) return;
      const rev = conversation.nextRev();
      await this.repository.add(conversation.tx, reaction, rev);
      conversation.announce(outgoing(ReactionAdded, conversation.id, toPayload(change, reaction, rev)));
    });
  }

  /** @returns the message without the reaction. */
  remove({ messageId, userId, emoji }: ReactionRequest): Promise<ViewedMessage> {
    return this.writer.write(messageId, userId, async (change) => {
      const { conversation, message } = change;
      const reaction = { conversationId: conversation.id, seq: message.seq, userId, emoji };
      if (!(await this.repository.has(conversation.tx, reaction))) return;
      const rev = conversation.nextRev();
      await this.repository.remove(conversation.tx, reaction, rev);
      conversation.announce(outgoing(ReactionRemoved, conversation.id, toPayload(change, reaction, rev)));
    });
  }
}

function toPayload({ message }: MessageChange, reaction: Reaction, rev: number) {
  return { v: 1 as const, rev, messageId: message.id, ...reaction };
}
