import type { ListScheduled, RequestOf, ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import type { RequestedMessage } from '../message/message.draft';
import { type ParticipantRow, toParticipantState } from '../participant/participant.state';
import { decodeCursor, encodeCursor } from './schedule.cursor';
import { scheduledColumns, type ScheduledRow, toScheduledView, waiting } from './schedule.mapper';
import type { ScheduleStanding } from './schedule.policy';

/** Beside each scheduled message, whether the reader may know; without any one row that holds only that. */
type ListRow = { readonly is_participant: boolean } & (ScheduledRow | { readonly id: null });

type StandingRow = {
  readonly now: string;
  readonly posting: 'everyone' | 'moderators';
  readonly has_reply_target: boolean;
  readonly has_thread_root: boolean;
  readonly has_used_attachment: boolean;
} & (ParticipantRow | { readonly user_id: null });

const list = `
  WITH access AS MATERIALIZED (
    SELECT c.id, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
    FROM conversations c
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
    WHERE c.id = $1 AND c.deleted_at IS NULL
  )
  SELECT a.is_participant, page.*
  FROM access a
  LEFT JOIN LATERAL (
    SELECT ${scheduledColumns}
    FROM scheduled_messages s
    WHERE a.is_participant AND s.sender_id = $2 AND s.conversation_id = a.id AND s.settled_at IS NULL
      AND (s.send_at, s.id) > ($3::timestamptz, $4::bigint)
    ORDER BY s.send_at, s.id
    LIMIT $5 OFFSET $6
  ) page ON true
  ORDER BY page.send_at, page.id`;

const standing = `
  SELECT clock_timestamp() AS now, c.posting, me.user_id, me.role, me.is_muted, me.is_blocked, me.left_at,
    EXISTS (
      SELECT FROM messages m WHERE m.id = $3::bigint AND m.conversation_id = c.id
    ) AS has_reply_target,
    EXISTS (
      SELECT FROM messages m
      WHERE m.id = $4::bigint AND m.conversation_id = c.id AND m.deleted_at IS NULL AND m.thread_root_id IS NULL
    ) AS has_thread_root,
    EXISTS (
      SELECT FROM attachments a WHERE a.file_id = ANY ($5::text[])
      UNION ALL
      SELECT FROM scheduled_messages s
      WHERE s.sender_id = $2 AND s.conversation_id = c.id AND s.settled_at IS NULL
        AND s.draft -> 'attachmentIds' ?| $5::text[]
    ) AS has_used_attachment
  FROM conversations c
  LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

const beforeTheFirst = { sendAt: '-infinity', id: '0' };

/** Reads which messages wait for their time, and how those stand that are to. */
@Injectable()
export class ScheduleReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `validation_failed` for a cursor that is none. */
  async list(request: RequestOf<typeof ListScheduled>): Promise<ResponseOf<typeof ListScheduled>> {
    const { conversationId, userId, limit, page, cursor } = request;
    const after = cursor === undefined ? beforeTheFirst : decodeCursor(cursor);
    const rows = await this.database.query<ListRow>('schedule_list', list, [
      conversationId,
      userId,
      after.sendAt,
      after.id,
      limit + 1,
      cursor === undefined ? (page - 1) * limit : 0,
    ]);
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    if (!first.is_participant) throw new AppError('not_a_participant');
    return toPage(rows.filter(isScheduled), limit);
  }

  /** @throws AppError `conversation_not_found`. */
  async getStanding(message: RequestedMessage): Promise<ScheduleStanding> {
    const [row] = await this.database.query<StandingRow>('', standing, [
      message.conversationId,
      message.senderId,
      message.replyToId,
      message.threadRootId,
      message.attachmentIds,
    ]);
    if (row === undefined) throw new AppError('conversation_not_found');
    return {
      now: row.now,
      posting: row.posting,
      sender: row.user_id === null ? undefined : toParticipantState(row),
      hasReplyTarget: row.has_reply_target,
      hasThreadRoot: row.has_thread_root,
      hasUsedAttachment: row.has_used_attachment,
    };
  }
}

function isScheduled(row: ListRow): row is ListRow & ScheduledRow {
  return row.id !== null;
}

function toPage(rows: readonly ScheduledRow[], limit: number): ResponseOf<typeof ListScheduled> {
  const messages = new AnswerBudget().takeFirst(rows.slice(0, limit).map((row) => toScheduledView(row, waiting)));
  const last = messages.at(-1);
  const hasMore = messages.length < rows.length;
  return {
    messages,
    hasMore,
    nextCursor: hasMore && last ? encodeCursor({ sendAt: last.send_at, id: last.id }) : null,
  };
}
