import { RpcClient } from '@parley/bus';
import {
  type AttachmentView,
  type ConversationId,
  DescribeFiles,
  type FileId,
  type FilterAttached,
  type ListAttachments,
  type RequestOf,
  type ResponseOf,
  type UserId,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import { decodeCursor, encodeCursor } from './attachment.cursor';
import { parseAttachmentIds } from './attachment.policy';

interface FileRow {
  readonly file_id: string;
  readonly seq: string;
  readonly position: number;
  readonly view: AttachmentView;
}

/** Beside each file, whether the reader may know; without files one row that holds only that. */
type ListRow = { readonly is_participant: boolean } & (FileRow | { readonly file_id: null });

/** Newest first, among those of `condition`; what deleted messages held is not there any more. */
const list = (condition: string) => `
  WITH access AS MATERIALIZED (
    SELECT c.id, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
    FROM conversations c
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
    WHERE c.id = $1 AND c.deleted_at IS NULL
  )
  SELECT a.is_participant, page.*
  FROM access a
  LEFT JOIN LATERAL (
    SELECT f.file_id, f.seq, f.position, f.view
    FROM attachments f
    CROSS JOIN LATERAL (
      SELECT m.deleted_at FROM messages m WHERE m.conversation_id = f.conversation_id AND m.seq = f.seq OFFSET 0
    ) m
    WHERE f.conversation_id = a.id AND a.is_participant AND m.deleted_at IS NULL AND ${condition}
      AND (f.seq, f.position) < ($4::bigint, $5::int4)
    ORDER BY f.seq DESC, f.position DESC
    LIMIT $6 OFFSET $7
  ) page ON true
  ORDER BY page.seq DESC, page.position DESC`;

// The parameter of the other statement is named here as well, so that both take the same values.
const listAll = { name: 'attachment_list', text: list('($3::text IS NULL)') };
const listOfKind = { name: 'attachment_list_of_kind', text: list('f.kind = $3::text') };

/** A file waits in a scheduled message that names it; `draft` holds its id, in whatever shape. */
const filterAttached = `
  SELECT asked.file_id
  FROM unnest($1::text[], $2::bigint[]) AS asked (file_id, conversation_id)
  WHERE EXISTS (
      SELECT 1
      FROM attachments a
      JOIN messages m ON m.conversation_id = a.conversation_id AND m.seq = a.seq AND m.deleted_at IS NULL
      WHERE a.file_id = asked.file_id
    )
    OR EXISTS (
      SELECT 1
      FROM scheduled_messages s
      WHERE s.conversation_id = asked.conversation_id AND s.settled_at IS NULL
        AND strpos(s.draft::text, asked.file_id) > 0
    )`;

const isScheduled = `
  SELECT EXISTS (
    SELECT FROM scheduled_messages s
    WHERE s.sender_id = $1 AND s.conversation_id = $2 AND s.settled_at IS NULL
      AND s.draft -> 'attachmentIds' ?| $3::text[]
  ) AS is_scheduled`;

/** Above every message and every attachment of it. */
const behindTheNewest = { seq: Number.MAX_SAFE_INTEGER, position: 0 };

/** Reads which files are in messages, and asks media for those that are to be. */
@Injectable()
export class AttachmentReader {
  constructor(
    private readonly database: Database,
    private readonly rpc: RpcClient,
  ) {}

  /**
   * What a message that is to be sent will show of its attachments, in the order of `ids`: the sender's own uploads to this
   * conversation. Nothing is claimed by that: only the insert tells whether another message has one of them.
   *
   * A repetition of a send has to be answered before this is asked: the files of a deleted message are gone.
   *
   * @param ids as the client gave them; empty asks nobody.
   * @throws AppError `attachment_not_found`, `attachment_already_used` for one named twice; `service_unavailable` without media.
   */
  async describe(senderId: UserId, conversationId: ConversationId, ids: readonly string[]): Promise<AttachmentView[]> {
    if (ids.length === 0) return [];
    const fileIds = parseAttachmentIds(ids);
    const { attachments } = await this.rpc.call(DescribeFiles, { ownerId: senderId, conversationId, fileIds });
    return attachments;
  }

  /**
   * For a message that is sent at once: a file that another one of the sender's waits with is that one's.
   *
   * @throws AppError `attachment_already_used`.
   */
  async demandUnscheduled(senderId: UserId, conversationId: ConversationId, ids: readonly string[]): Promise<void> {
    const values = [senderId, conversationId, ids];
    const [row] = await this.database.query<{ is_scheduled: boolean }>('attachment_scheduled', isScheduled, values);
    if (row?.is_scheduled) throw new AppError('attachment_already_used');
  }

  /** @throws AppError `conversation_not_found`, `not_a_participant`, `validation_failed` for a cursor that is none. */
  async list(request: RequestOf<typeof ListAttachments>): Promise<ResponseOf<typeof ListAttachments>> {
    const { conversationId, userId, kind, limit, page, cursor } = request;
    const { name, text } = kind === undefined ? listAll : listOfKind;
    const before = cursor === undefined ? behindTheNewest : decodeCursor(cursor);
    const rows = await this.database.query<ListRow>(name, text, [
      conversationId,
      userId,
      kind ?? null,
      before.seq,
      before.position,
      limit + 1,
      cursor === undefined ? (page - 1) * limit : 0,
    ]);
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    if (!first.is_participant) throw new AppError('not_a_participant');
    return toPage(rows.filter(isFile), limit);
  }

  /** Those of `files` that a message holds, or will hold when it is due. */
  async filterAttached({ files }: RequestOf<typeof FilterAttached>): Promise<FileId[]> {
    const rows = await this.database.query<{ file_id: FileId }>('attachment_filter', filterAttached, [
      files.map(({ id }) => id),
      files.map(({ conversationId }) => conversationId),
    ]);
    return rows.map((row) => row.file_id);
  }
}

function isFile(row: ListRow): row is ListRow & FileRow {
  return row.file_id !== null;
}

function toPage(rows: readonly FileRow[], limit: number): ResponseOf<typeof ListAttachments> {
  const files = new AnswerBudget().takeFirst(rows.slice(0, limit).map((row) => row.view));
  const last = rows[files.length - 1];
  const hasMore = files.length < rows.length;
  const nextCursor = hasMore && last ? encodeCursor({ seq: Number(last.seq), position: last.position }) : null;
  return { files, hasMore, nextCursor };
}
