import type { Head, HistoryPosition, MessageView, RequestOf, ResponseOf } from '@parley/contracts';
import type { ListChanges, ListMessages } from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget, maxAnswerBytes } from '../answer/answer.budget';
import { type MessageRow, toMessageView } from './message.mapper';
import { maxChanges, type Span, spanOf } from './message-history.policy';
import { messageColumns, messageTables } from './message.sql';

/** Beside each message, what the reader may know; without messages one row that holds only that. */
type HistoryRow = { readonly is_participant: boolean; readonly anchor_seq: string | null } & (
  MessageRow | { readonly id: null }
);
type ChangeRow = { readonly last_seq: string; readonly head_rev: string } & (MessageRow | { readonly id: null });

/**
 * One page for one reader: membership, the place that the page starts from, and the messages, in one look at the
 * database. seq has no gaps, so that a place is reached by counting and not by skipping rows.
 */
const history = (comparison: '<' | '>', order: 'ASC' | 'DESC') => `
  WITH access AS MATERIALIZED (
    SELECT c.id, c.last_seq, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant, anchor.seq AS anchor_seq
    FROM conversations c
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
    LEFT JOIN messages anchor ON anchor.id = $3::bigint AND anchor.conversation_id = c.id
    WHERE c.id = $1 AND c.deleted_at IS NULL
  )
  SELECT a.is_participant, a.anchor_seq, page.*
  FROM access a
  LEFT JOIN LATERAL (
    SELECT ${messageColumns}
    FROM messages m
    ${messageTables}
    WHERE m.conversation_id = a.id AND a.is_participant
      AND m.seq ${comparison} coalesce(a.anchor_seq, $4::bigint, a.last_seq + 1) + $5::bigint
    ORDER BY m.seq ${order}
    LIMIT $6
  ) page ON true
  ORDER BY page.seq ${order}`;

const historyBefore = { name: 'message_history_before', text: history('<', 'DESC') };
const historyAfter = { name: 'message_history_after', text: history('>', 'ASC') };

const changes = `
  SELECT c.last_seq, c.rev AS head_rev, page.*
  FROM conversations c
  LEFT JOIN LATERAL (
    SELECT ${messageColumns}
    FROM messages m
    ${messageTables}
    WHERE m.conversation_id = c.id AND m.seq > $2
    ORDER BY m.seq
    LIMIT $3
  ) page ON true
  WHERE c.id = $1 AND c.deleted_at IS NULL
  ORDER BY page.seq`;

/** Reads messages of one conversation, for its participants and for gateways that repair a gap. */
@Injectable()
export class MessageReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `message_not_found`, in this order. */
  async listPage(request: RequestOf<typeof ListMessages>): Promise<ResponseOf<typeof ListMessages>> {
    const span = spanOf(request.position, request.limit);
    const { name, text } = span.direction === 'before' ? historyBefore : historyAfter;
    const rows = await this.database.query<HistoryRow>(name, text, [
      request.conversationId,
      request.userId,
      span.messageId,
      span.seq,
      span.offset,
      request.limit + 1,
    ]);
    checkAccess(rows[0], span);
    const messages = rows.filter(isMessage).map(toMessageView);
    const page = cut(messages.slice(0, request.limit), request.position);
    return { messages: page, hasMore: messages.at(-1) !== page.at(-1) };
  }

  /** @throws AppError `conversation_not_found`. */
  async listChanges(request: RequestOf<typeof ListChanges>): Promise<ResponseOf<typeof ListChanges>> {
    const values = [request.conversationId, request.since.seq, maxChanges + 1];
    const rows = await this.database.query<ChangeRow>('message_changes', changes, values);
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    const found = rows.filter(isMessage);
    const messages = new AnswerBudget().takeFirst(found.slice(0, maxChanges).map(toMessageView));
    const last = found[messages.length - 1];
    const hasMore = messages.length < found.length;
    const head: Head =
      hasMore && last
        ? { seq: Number(last.seq), rev: Number(last.created_rev) }
        : { seq: Number(first.last_seq), rev: Number(first.head_rev) };
    return { messages, head, hasMore };
  }
}

function isMessage<Row extends { readonly id: string | null }>(row: Row): row is Row & MessageRow {
  return row.id !== null;
}

function checkAccess(row: HistoryRow | undefined, span: Span): void {
  if (row === undefined) throw new AppError('conversation_not_found');
  if (!row.is_participant) throw new AppError('not_a_participant');
  if (span.messageId !== null && row.anchor_seq === null) throw new AppError('message_not_found');
}

/** What of a page fits into one answer. A page around a message keeps that message, whatever stands before it. */
function cut(messages: MessageView[], position: HistoryPosition): MessageView[] {
  const budget = new AnswerBudget();
  if (position.at !== 'around_message') return budget.takeFirst(messages);
  const middle = messages.findIndex((message) => message.id === position.messageId);
  const before = new AnswerBudget(maxAnswerBytes / 2).takeLast(messages.slice(0, middle));
  const around = budget.takeFirst([...before, ...messages.slice(middle)]);
  return around;
}
