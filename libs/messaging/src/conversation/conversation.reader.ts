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
import { conversationColumns, conversationTables, isListed, unreadCount, viewerColumns } from './conversation.sql';

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

/** Of larger conversations a search looks at the title alone: their participants would have to be read one by one. */
const maxSearchedParticipants = 100;

/** Case does not matter, and no character is a pattern. OFFSET 0 keeps the planner from joining all participants. */
const isFound = (text: string) => `
  strpos(lower(c.title), lower(${text})) > 0 OR c.participant_count <= ${maxSearchedParticipants} AND EXISTS (
    SELECT
    FROM participants p
    CROSS JOIN LATERAL (SELECT u.display_name, u.username FROM users u WHERE u.id = p.user_id OFFSET 0) u
    WHERE p.conversation_id = c.id AND p.left_at IS NULL AND p.user_id <> me.user_id
      AND (strpos(lower(u.display_name), lower(${text})) > 0 OR strpos(lower(u.username), lower(${text})) > 0)
    OFFSET 0
  )`;

/**
 * A conversation `c` by its id, and its participant `me`. OFFSET 0 keeps the planner from reading all conversations where
 * many are looked up.
 */
const viewedTables = (id: string, userId: string) => `
  CROSS JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = ${id} OFFSET 0) c
  CROSS JOIN LATERAL (
    SELECT me.* FROM participants me WHERE me.conversation_id = ${id} AND me.user_id = ${userId} OFFSET 0
  ) me`;

/**
 * First which conversations, then what to show of them: the second is done for those of the page only.
 */
const listViewed = `
  WITH page AS MATERIALIZED (
    SELECT c.id
    FROM participants me
    CROSS JOIN LATERAL (SELECT c.* FROM conversations c WHERE c.id = me.conversation_id OFFSET 0) c
    WHERE me.user_id = $1 AND ${isListed}
      AND ($2::timestamptz IS NULL OR (c.last_message_at, c.id) < ($2::timestamptz, $3::bigint))
      AND ($4::text IS NULL OR c.type = $4)
      AND ($5::boolean IS NULL OR me.is_archived = $5)
      AND (NOT $6::boolean OR ${unreadCount} > 0)
      AND ($7::text IS NULL OR ${isFound('$7')})
    ORDER BY c.last_message_at DESC, c.id DESC
    LIMIT $8 OFFSET $9
  )
  SELECT ${conversationColumns}, ${viewerColumns}
  FROM page
  ${viewedTables('page.id', '$1')}
  ${conversationTables(shownParticipants.listed)}
  ORDER BY c.last_message_at DESC, c.id DESC`;

const listViewedByIds = `
  SELECT ${conversationColumns}, ${viewerColumns}
  FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
  ${viewedTables('asked.id', '$1')}
  ${conversationTables(shownParticipants.listed)}
  ORDER BY asked.place`;

const readHeads = `
  SELECT c.id, c.last_seq, c.rev
  FROM conversations c
  WHERE c.id = ANY ($1::bigint[]) AND c.deleted_at IS NULL AND ($2::text IS NULL OR EXISTS (
    SELECT FROM participants me
    WHERE me.conversation_id = c.id AND me.user_id = $2 AND me.left_at IS NULL
    OFFSET 0
  ))`;

/** Reads conversations, as their participants see them and as everybody does. */
@Injectable()
export class ConversationReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, else `not_a_participant`. */
  async getViewed(
    conversationId: ConversationId,
    userId: UserId,
    queryable: Queryable = this.database,
  ): Promise<ViewedConversation> {
    const [row] = await queryable.query<ViewedConversationRow & { is_participant: boolean }>(
      'conversation_viewed',
      findViewed,
      [conversationId, userId],
    );
    if (row === undefined) throw new AppError('conversation_not_found');
    if (!row.is_participant) throw new AppError('not_a_participant');
    return toViewedConversation(row);
  }

  /** @throws AppError `conversation_not_found`. */
  async describe(conversationId: ConversationId, queryable: Queryable = this.database): Promise<ConversationView> {
    const [row] = await queryable.query<ConversationRow>('conversation_described', describe, [conversationId]);
    if (row === undefined) throw new AppError('conversation_not_found');
    return toConversationView(row);
  }

  /**
   * The user's conversations, newest activity first.
   *
   * @throws AppError `validation_failed` for a cursor that is none.
   */
  async list(request: RequestOf<typeof ListConversations>): Promise<ResponseOf<typeof ListConversations>> {
    const { userId, limit, page, cursor } = request;
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.database.query<ViewedConversationRow>('conversation_list', listViewed, [
      userId,
      after?.lastMessageAt ?? null,
      after?.id ?? null,
      ...filtersOf(request),
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

  /** Where conversations stand; those that are gone, or that the user is not in, are left out. */
  async readHeads(ids: readonly ConversationId[], userId?: UserId): Promise<Record<string, Head>> {
    const rows = await this.database.query<{ id: string; last_seq: string; rev: string }>('heads', readHeads, [
      ids,
      userId ?? null,
    ]);
    return Object.fromEntries(rows.map((row) => [row.id, { seq: Number(row.last_seq), rev: Number(row.rev) }]));
  }
}

/** In the order of the statement's parameters; null where nothing is filtered. */
function filtersOf({ type, archived, unreadOnly, q }: RequestOf<typeof ListConversations>): unknown[] {
  return [type ?? null, archived ?? null, unreadOnly ?? false, q || null];
}
