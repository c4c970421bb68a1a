import type { ConversationId, ConversationView, Head, UserId, ViewedConversation } from '@parley/contracts';
import type { ListConversations, RequestOf, ResponseOf } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import { decodeCursor, encodeCursor } from './conversation.cursor';
import {
  type ConversationRow,
  toConversationView,
  toViewedConversation,
  type ViewedConversationRow,
} from './conversation.mapper';
import { conversationColumns, conversationTables, viewerColumns } from './conversation.sql';

/** Participants that a conversation shows by itself, and in a list. */
const shownParticipants = { alone: 100, listed: 10 };

const describe = `
  SELECT ${conversationColumns}
  FROM conversations c
  ${conversationTables(shownParticipants.alone)}
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

const findViewed = `
  SELECT ${conversationColumns}, ${viewerColumns}, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
  FROM conversations c
  LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
  ${conversationTables(shownParticipants.alone)}
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

/** First which conversations, then what to show of them: the second is done for those of the page only. */
const listViewed = `
  WITH page AS MATERIALIZED (
    SELECT c.id
    FROM participants me
    JOIN conversations c ON c.id = me.conversation_id AND c.deleted_at IS NULL
    WHERE me.user_id = $1 AND me.left_at IS NULL AND ($2::text IS NULL OR c.type = $2)
      AND ($3::timestamptz IS NULL OR (c.last_message_at, c.id) < ($3::timestamptz, $4::bigint))
    ORDER BY c.last_message_at DESC, c.id DESC
    LIMIT $5 OFFSET $6
  )
  SELECT ${conversationColumns}, ${viewerColumns}
  FROM page
  JOIN conversations c ON c.id = page.id
  JOIN participants me ON me.conversation_id = c.id AND me.user_id = $1
  ${conversationTables(shownParticipants.listed)}
  ORDER BY c.last_message_at DESC, c.id DESC`;

const listViewedByIds = `
  SELECT ${conversationColumns}, ${viewerColumns}
  FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
  JOIN conversations c ON c.id = asked.id
  JOIN participants me ON me.conversation_id = c.id AND me.user_id = $1
  ${conversationTables(shownParticipants.listed)}
  ORDER BY asked.place`;

const readHeads = `
  SELECT c.id, c.last_seq, c.rev
  FROM conversations c
  WHERE c.id = ANY ($1::bigint[]) AND c.deleted_at IS NULL`;

/** Reads conversations, as their participants see them and as everybody does. */
@Injectable()
export class ConversationReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, else `not_a_participant`. */
  async getViewed(conversationId: ConversationId, userId: UserId): Promise<ViewedConversation> {
    const [row] = await this.database.query<ViewedConversationRow & { is_participant: boolean }>(
      'conversation_viewed',
      findViewed,
      [conversationId, userId],
    );
    if (row === undefined) throw new AppError('conversation_not_found');
    if (!row.is_participant) throw new AppError('not_a_participant');
    return toViewedConversation(row);
  }

  /** @throws AppError `conversation_not_found`. */
  async describe(conversationId: ConversationId): Promise<ConversationView> {
    const [row] = await this.database.query<ConversationRow>('conversation_described', describe, [conversationId]);
    if (row === undefined) throw new AppError('conversation_not_found');
    return toConversationView(row);
  }

  /**
   * The user's conversations, newest activity first.
   *
   * @throws AppError `validation_failed` for a cursor that is none.
   */
  async list(request: RequestOf<typeof ListConversations>): Promise<ResponseOf<typeof ListConversations>> {
    const { userId, limit, page, cursor, type } = request;
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.database.query<ViewedConversationRow>('conversation_list', listViewed, [
      userId,
      type ?? null,
      after?.lastMessageAt ?? null,
      after?.id ?? null,
      limit + 1,
      after ? 0 : (page - 1) * limit,
    ]);
    const conversations = new AnswerBudget().takeFirst(rows.slice(0, limit).map(toViewedConversation));
    const last = conversations.at(-1);
    const hasMore = conversations.length < rows.length;
    const nextCursor = hasMore && last ? encodeCursor({ lastMessageAt: last.last_message_at, id: last.id }) : null;
    return { conversations, hasMore, nextCursor };
  }

  /** Those of `ids` that the user is in, in their order, as `snapshot` has them. */
  async listViewed(snapshot: Queryable, userId: UserId, ids: readonly ConversationId[]): Promise<ViewedConversation[]> {
    const rows = await snapshot.query<ViewedConversationRow>('conversation_list_by_ids', listViewedByIds, [
      userId,
      ids,
    ]);
    return rows.map(toViewedConversation);
  }

  /** Where conversations stand; those that are gone are left out. */
  async readHeads(ids: readonly ConversationId[]): Promise<Record<string, Head>> {
    const rows = await this.database.query<{ id: string; last_seq: string; rev: string }>('heads', readHeads, [ids]);
    return Object.fromEntries(rows.map((row) => [row.id, { seq: Number(row.last_seq), rev: Number(row.rev) }]));
  }
}
