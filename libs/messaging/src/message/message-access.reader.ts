import type { ConversationId, MessageId, Seq, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';

/** Where a message stands, which never changes. */
export interface MessagePlace {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
}

const findPlace = `
  SELECT m.conversation_id, m.seq, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
  FROM messages m
  JOIN conversations c ON c.id = m.conversation_id AND c.deleted_at IS NULL
  LEFT JOIN participants me ON me.conversation_id = m.conversation_id AND me.user_id = $2
  WHERE m.id = $1`;

/** Reads whether a user may see a message at all. */
@Injectable()
export class MessageAccessReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `message_not_found`, else `not_a_participant`. */
  async authorise(messageId: MessageId, userId: UserId): Promise<MessagePlace> {
    const [row] = await this.database.query<{ conversation_id: ConversationId; seq: string; is_participant: boolean }>(
      'message_place',
      findPlace,
      [messageId, userId],
    );
    if (row === undefined) throw new AppError('message_not_found');
    if (!row.is_participant) throw new AppError('not_a_participant');
    return { conversationId: row.conversation_id, seq: Number(row.seq) };
  }
}
