import type { ListPins, RequestOf, ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import { toViewedMessage, type ViewedMessageRow } from '../message/message.mapper';
import { viewedColumns, viewedTables, viewerOf } from '../message/message.sql';
import { decodeCursor, encodeCursor } from './pin.cursor';

/** Beside each message, what the reader may know; without messages one row that holds only that. */
type PinRow = { readonly is_participant: boolean } & (ViewedMessageRow | { readonly id: null });

/** First which messages, then what to show of them: the second is done for those of the page only. */
const list = `
  WITH viewer AS MATERIALIZED (${viewerOf('$1::bigint', '$2::text')})
  SELECT viewer.is_participant, page.*
  FROM viewer
  LEFT JOIN LATERAL (
    SELECT ${viewedColumns}
    FROM (
      SELECT p.conversation_id, p.seq
      FROM messages p
      WHERE p.conversation_id = viewer.conversation_id AND viewer.is_participant AND p.pinned_at IS NOT NULL
        AND (p.pinned_at, p.seq) < ($3::timestamptz, $4::bigint)
      ORDER BY p.pinned_at DESC, p.seq DESC
      LIMIT $5 OFFSET $6
    ) pinned
    CROSS JOIN LATERAL (
      SELECT m.* FROM messages m WHERE m.conversation_id = pinned.conversation_id AND m.seq = pinned.seq OFFSET 0
    ) m
    ${viewedTables}
  ) page ON true
  ORDER BY page.pinned_at DESC, page.seq DESC`;

/** Later than every pin. */
const beforeTheFirst = { pinnedAt: 'infinity', seq: 0 };

/** Reads which messages of a conversation are pinned. */
@Injectable()
export class PinReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `validation_failed` for a cursor that is none. */
  async list(request: RequestOf<typeof ListPins>): Promise<ResponseOf<typeof ListPins>> {
    const { conversationId, userId, limit, page, cursor } = request;
    const after = cursor === undefined ? beforeTheFirst : decodeCursor(cursor);
    const rows = await this.database.query<PinRow>('pin_list', list, [
      conversationId,
      userId,
      after.pinnedAt,
      after.seq,
      limit + 1,
      cursor === undefined ? (page - 1) * limit : 0,
    ]);
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    if (!first.is_participant) throw new AppError('not_a_participant');
    return toPage(rows.filter(isMessage), limit);
  }
}

function isMessage(row: PinRow): row is PinRow & ViewedMessageRow {
  return row.id !== null;
}

function toPage(rows: readonly ViewedMessageRow[], limit: number): ResponseOf<typeof ListPins> {
  const messages = new AnswerBudget().takeFirst(rows.slice(0, limit).map((row) => toViewedMessage(row)));
  const last = rows[messages.length - 1];
  const hasMore = messages.length < rows.length;
  const isCut = hasMore && last !== undefined && last.pinned_at !== null;
  return {
    messages,
    hasMore,
    nextCursor: isCut ? encodeCursor({ pinnedAt: last.pinned_at, seq: Number(last.seq) }) : null,
  };
}
