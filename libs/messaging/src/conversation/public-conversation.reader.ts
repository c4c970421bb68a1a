import { ConversationId, type ListPublicConversations, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AnswerBudget } from '../answer/answer.budget';
import { decodePlace, encodePlace } from '../answer/answer.cursor';
import { type ConversationDescriptionRow, toPublicConversation } from './conversation.mapper';
import { descriptionColumns } from './conversation.sql';

const list = `
  SELECT ${descriptionColumns}, EXISTS (
    SELECT FROM participants me
    WHERE me.conversation_id = c.id AND me.user_id = $1 AND me.left_at IS NULL
    OFFSET 0
  ) AS is_participant
  FROM conversations c
  WHERE c.visibility = 'public' AND c.deleted_at IS NULL AND c.id < coalesce($2::bigint, 9223372036854775807)
    AND ($3::text IS NULL OR strpos(lower(c.title), lower($3)) > 0)
  ORDER BY c.id DESC
  LIMIT $4 OFFSET $5`;

const Place = z.tuple([ConversationId]);

/** Reads what everybody may find and enter. */
@Injectable()
export class PublicConversationReader {
  constructor(private readonly database: Database) {}

  /**
   * Newest first.
   *
   * @throws AppError `validation_failed` for a cursor that is none.
   */
  async list(request: RequestOf<typeof ListPublicConversations>): Promise<ResponseOf<typeof ListPublicConversations>> {
    const { userId, limit, page, cursor, q } = request;
    const [before] = cursor === undefined ? [] : decodePlace(Place, cursor);
    const rows = await this.database.query<ConversationDescriptionRow & { is_participant: boolean }>(
      'conversation_list_public',
      list,
      [userId, before ?? null, q || null, limit + 1, before === undefined ? (page - 1) * limit : 0],
    );
    const conversations = new AnswerBudget().takeFirst(rows.slice(0, limit).map(toPublicConversation));
    const last = conversations.at(-1);
    const hasMore = conversations.length < rows.length;
    return { conversations, hasMore, nextCursor: hasMore && last ? encodePlace([last.id]) : null };
  }
}
