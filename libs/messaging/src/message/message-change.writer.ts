import type { ConversationId, MessageId, UserId, ViewedMessage } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import type { ConversationChange } from '../change/conversation.change';
import { ConversationWriter } from '../change/conversation.writer';
import { demandParticipant } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';
import { MessageAccessReader } from './message-access.reader';
import { MessageReader } from './message.reader';
import { type MessageState, messageStateColumns, type MessageStateRow, toMessageState } from './message.state';

/** What a change of a message is judged by, as it is while its conversation is locked. */
export interface MessageChange {
  readonly conversation: ConversationChange;
  /** Who makes it. */
  readonly participant: ParticipantState;
  readonly message: MessageState;
}

const findState = `
  SELECT ${messageStateColumns}
  FROM messages m
  WHERE m.id = $1 AND m.conversation_id = $2`;

/** Carries out changes of single messages, one after another with all other changes of their conversations. */
@Injectable()
export class MessageChangeWriter {
  constructor(
    private readonly access: MessageAccessReader,
    private readonly writer: ConversationWriter,
    private readonly reader: MessageReader,
  ) {}

  /**
   * Runs `work` for a participant, with the message's conversation locked; when it rejects nothing has happened.
   *
   * @returns the message as `userId` sees it then.
   * @throws AppError `message_not_found`, `not_a_participant`, what `work` throws, or `service_unavailable`.
   */
  async write(
    messageId: MessageId,
    userId: UserId,
    work: (change: MessageChange) => Promise<void>,
  ): Promise<ViewedMessage> {
    // Without the lock: strangers shall not hold up those who write. What it tells of the user is asked again under it.
    const { conversationId } = await this.access.authorise(messageId, userId);
    const writing = this.writer.write(conversationId, async (conversation) => {
      const participant = demandParticipant(await conversation.findParticipant(userId));
      const message = await getState(conversation.tx, conversationId, messageId);
      await work({ conversation, participant, message });
      return this.reader.getViewed(conversation.tx, messageId, userId);
    });
    return writing.catch((error: unknown) => {
      throw toMessageFailure(error);
    });
  }
}

async function getState(tx: Queryable, conversationId: ConversationId, messageId: MessageId): Promise<MessageState> {
  const [row] = await tx.query<MessageStateRow>('message_state', findState, [messageId, conversationId]);
  if (row === undefined) throw new AppError('message_not_found');
  return toMessageState(row);
}

/** Its conversation was deleted meanwhile, and with it the message. */
function toMessageFailure(error: unknown): unknown {
  const isGone = error instanceof AppError && error.code === 'conversation_not_found';
  return isGone ? new AppError('message_not_found', { cause: error }) : error;
}
