import type {
  ConversationId,
  HistoryPosition,
  ListMessages,
  MessageId,
  MessageView,
  RequestOf,
  ResponseOf,
  Seq,
  UserId,
  ViewedMessage,
} from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget, maxAnswerBytes } from '../answer/answer.budget';
import { type MessageRow, toMessageView, toViewedMessage, type ViewedMessageRow } from './message.mapper';
import { type Span, spanOf } from './message-history.policy';
import { historyPages } from './message-history.sql';
import { messageColumns, messageTables, viewedColumns, viewedTables, viewerOf } from './message.sql';

/** Beside each message, what the reader may know; without messages one row that holds only that. */
type HistoryRow = {
  readonly is_participant: boolean;
  readonly anchor_seq: string | null;
  /** Of a thread; undefined where none was asked for. */
  readonly root_id?: string | null;
} & (ViewedMessageRow | { readonly id: null });

const findViewed = `
  SELECT viewer.is_participant, ${viewedColumns}
  FROM messages m
  CROSS JOIN LATERAL (${viewerOf('m.conversation_id', '$2::text')}) viewer
  ${viewedTables}
  WHERE m.id = $1::bigint`;

const findView = `
  SELECT ${messageColumns}
  FROM messages m
  ${messageTables}
  WHERE m.conversation_id = $1::bigint AND m.seq = $2::bigint`;

/** Reads messages, for the participants of their conversations and for what is announced. */
@Injectable()
export class MessageReader {
  constructor(private readonly database: Database) {}

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `message_not_found`, in this order. */
  async listPage(request: RequestOf<typeof ListMessages>): Promise<ResponseOf<typeof ListMessages>> {
    const { conversationId, userId, threadRootId, limit } = request;
    const span = spanOf(request.position, limit);
    const { name, text } = historyPages[threadRootId === null ? 'all' : 'thread'][span.direction];
    const rows = await this.database.query<HistoryRow>(name, text, [
      conversationId,
      userId,
      span.messageId,
      span.seq,
      span.offset,
      limit + 1,
      ...(threadRootId === null ? [] : [threadRootId]),
    ]);
    checkAccess(rows[0], span);
    const messages = rows.filter(isMessage).map((row) => toViewedMessage(row));
    const page = cut(messages.slice(0, limit), request.position);
    return { messages: page, hasMore: messages.at(-1) !== page.at(-1) };
  }

  /**
   * A message as one of its participants sees it, as `queryable` has it.
   *
   * @throws AppError `message_not_found`, also in a deleted conversation; else `not_a_participant`.
   */
  async getViewed(queryable: Queryable, messageId: MessageId, userId: UserId): Promise<ViewedMessage> {
    const [row] = await queryable.query<ViewedMessageRow & { is_participant: boolean }>('message_viewed', findViewed, [
      messageId,
      userId,
    ]);
    if (row === undefined) throw new AppError('message_not_found');
    if (!row.is_participant) throw new AppError('not_a_participant');
    return toViewedMessage(row);
  }

  /** A message as events carry it, as `queryable` has it. @throws AppError `message_not_found`. */
  async getView(queryable: Queryable, conversationId: ConversationId, seq: Seq): Promise<MessageView> {
    const [row] = await queryable.query<MessageRow>('message_view', findView, [conversationId, seq]);
    if (row === undefined) throw new AppError('message_not_found');
    return toMessageView(row);
  }

  /** {@link getViewed}, as the database has it now. */
  async get({ messageId, userId }: { messageId: MessageId; userId: UserId }): Promise<{ message: ViewedMessage }> {
    return { message: await this.getViewed(this.database, messageId, userId) };
  }
}

function isMessage<Row extends { readonly id: string | null }>(row: Row): row is Exclude<Row, { readonly id: null }> {
  return row.id !== null;
}

function checkAccess(row: HistoryRow | undefined, span: Span): void {
  if (row === undefined) throw new AppError('conversation_not_found');
  if (!row.is_participant) throw new AppError('not_a_participant');
  if (span.messageId !== null && row.anchor_seq === null) throw new AppError('message_not_found');
  if (row.root_id === null) throw new AppError('message_not_found');
}

/** What of a page fits into one answer. A page around a message keeps that message, whatever stands before it. */
function cut(messages: ViewedMessage[], position: HistoryPosition): ViewedMessage[] {
  const budget = new AnswerBudget();
  const middle = position.at === 'around_message' ? messages.findIndex(({ id }) => id === position.messageId) : -1;
  if (middle < 0) return budget.takeFirst(messages);
  const before = new AnswerBudget(maxAnswerBytes / 2).takeLast(messages.slice(0, middle));
  return budget.takeFirst([...before, ...messages.slice(middle)]);
}
