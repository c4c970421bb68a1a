import {
  type ConversationId,
  type ListReceipts,
  type MarkReceived,
  type ReceiptKind,
  type ReceiptView,
  type RequestOf,
  type ResponseOf,
  type UnreadView,
  UserId,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';
import { isListed, mentionCount, unreadCount } from '../conversation/conversation.sql';

/** Conversations in one count: the answer stays far below what the bus carries. */
const maxCounted = 5_000;

const standing = `
  SELECT me.last_read_seq, me.last_read_at, greatest(me.last_delivered_seq, me.last_read_seq) AS last_delivered_seq,
    me.last_delivered_at, ${unreadCount} AS unread_count, ${mentionCount} AS mention_count
  FROM conversations c
  JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
  WHERE c.id = $1`;

const unread = `
  SELECT found.*
  FROM (
    SELECT c.id AS conversation_id, ${unreadCount} AS unread_count, ${mentionCount} AS mention_count
    FROM participants me
    JOIN conversations c ON c.id = me.conversation_id
    WHERE me.user_id = $1 AND ${isListed} AND c.last_seq > me.last_read_seq
    ORDER BY c.last_message_at DESC, c.id DESC
    LIMIT ${maxCounted}
  ) found
  WHERE found.unread_count > 0`;

/** When a participant's receipts of a kind reached message `m`. */
const reachedAt = (kinds: string, cursorAt: string, cursor: string) => `
  CASE WHEN ${cursor} >= asked.seq THEN coalesce(
    (
      SELECT min(t.at)
      FROM unnest(ARRAY[${kinds}]) AS k (kind)
      CROSS JOIN LATERAL (
        SELECT r.at
        FROM receipts r
        WHERE r.conversation_id = p.conversation_id AND r.user_id = p.user_id AND r.kind = k.kind
          AND r.up_to_seq >= asked.seq
        ORDER BY r.up_to_seq
        LIMIT 1
      ) t
    ),
    ${cursorAt}
  ) END`;

/** The others, by user id. Those who came after the message have cursors behind it without having got it: no times. */
const receipts = `
  WITH asked AS MATERIALIZED (
    SELECT c.id, m.seq, m.sender_id, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id AND c.deleted_at IS NULL
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
    WHERE m.id = $1
  )
  SELECT asked.is_participant, page.*
  FROM asked
  LEFT JOIN LATERAL (
    SELECT p.user_id,
      ${reachedAt(`'delivered', 'read'`, 'coalesce(p.last_delivered_at, p.last_read_at)', 'greatest(p.last_delivered_seq, p.last_read_seq)')} AS delivered_at,
      ${reachedAt(`'read'`, 'p.last_read_at', 'p.last_read_seq')} AS read_at
    FROM participants p
    WHERE p.conversation_id = asked.id AND asked.is_participant AND p.left_at IS NULL AND p.user_id <> asked.sender_id
      AND p.user_id > $3
    ORDER BY p.user_id
    LIMIT $4 OFFSET $5
  ) page ON true
  ORDER BY page.user_id`;

const Place = z.tuple([UserId]);

type ReceiptRow = { readonly is_participant: boolean } & (ReceiptView | { readonly user_id: null });

interface StandingRow {
  readonly last_read_seq: string;
  readonly last_read_at: string | null;
  readonly last_delivered_seq: string;
  readonly last_delivered_at: string | null;
  readonly unread_count: string;
  readonly mention_count: string;
}

/** Reads how far people have come: themselves, and others with their messages. Nothing of it is counted up anywhere. */
@Injectable()
export class ReceiptReader {
  constructor(private readonly database: Database) {}

  /** Where a participant's cursor stands, and what is unread. @throws AppError `not_a_participant` for who never was one. */
  async getStanding(
    conversationId: ConversationId,
    userId: UserId,
    kind: ReceiptKind,
  ): Promise<ResponseOf<typeof MarkReceived>> {
    const [row] = await this.database.query<StandingRow>('receipt_standing', standing, [conversationId, userId]);
    if (row === undefined) throw new AppError('not_a_participant');
    return {
      conversationId,
      upToSeq: Number(kind === 'read' ? row.last_read_seq : row.last_delivered_seq),
      at: kind === 'read' ? row.last_read_at : row.last_delivered_at,
      unreadCount: Number(row.unread_count),
      mentionCount: Number(row.mention_count),
    };
  }

  async countUnread(userId: UserId): Promise<UnreadView> {
    const rows = await this.database.query<{
      conversation_id: ConversationId;
      unread_count: string;
      mention_count: string;
    }>('receipt_unread', unread, [userId]);
    const counts = rows.map((row) => ({
      conversation_id: row.conversation_id,
      unread_count: Number(row.unread_count),
      mention_count: Number(row.mention_count),
    }));
    return {
      total_unread: counts.reduce((sum, { unread_count }) => sum + unread_count, 0),
      total_mentions: counts.reduce((sum, { mention_count }) => sum + mention_count, 0),
      by_conversation: counts,
    };
  }

  /** @throws AppError `message_not_found`, else `not_a_participant`; `validation_failed` for a cursor that is none. */
  async list({
    userId,
    messageId,
    limit,
    page,
    cursor,
  }: RequestOf<typeof ListReceipts>): Promise<ResponseOf<typeof ListReceipts>> {
    const [after] = cursor === undefined ? [''] : decodePlace(Place, cursor);
    const offset = cursor === undefined ? (page - 1) * limit : 0;
    const rows = await this.database.query<ReceiptRow>('receipt_list', receipts, [
      messageId,
      userId,
      after,
      limit + 1,
      offset,
    ]);
    if (rows[0] === undefined) throw new AppError('message_not_found');
    if (!rows[0].is_participant) throw new AppError('not_a_participant');
    const found = rows.flatMap((row) => (row.user_id === null ? [] : toReceiptView(row)));
    const views = found.slice(0, limit);
    const last = views.at(-1);
    const hasMore = found.length > limit;
    return { receipts: views, hasMore, nextCursor: hasMore && last ? encodePlace([last.user_id]) : null };
  }
}

function toReceiptView({ user_id, delivered_at, read_at }: ReceiptView): ReceiptView {
  return { user_id, delivered_at, read_at };
}
