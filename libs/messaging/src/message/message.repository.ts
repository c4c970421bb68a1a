import { Database, violatedConstraint } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { toMentionRows } from '../mention/mention.policy';
import { isRich, type MessageDraft, type RequestedMessage } from './message.draft';
import type { AllottedRow, MessageRow } from './message.mapper';
import { messageColumns, messageTables } from './message.sql';
import { insertMessages } from './message-insert.sql';

/** Why a draft was not stored. `skipped`: another process holds its conversation just now. */
export type Refusal =
  | 'skipped'
  | 'conversation_not_found'
  | 'not_a_participant'
  | 'participant_muted'
  | 'user_blocked'
  | 'posting_restricted'
  | 'reply_target_not_found'
  | 'thread_root_not_found'
  | 'idempotency_mismatch';

/** How the sender and the conversation stood before. */
interface SenderStanding {
  readonly sender_read_seq: string;
  readonly participant_count: number;
}

/** What was stored; `outbox_id` names the row that announces all that were stored with it. */
export type AcceptedRow = { readonly verdict: 'accepted'; readonly outbox_id: string } & AllottedRow & SenderStanding;

/** What became of one draft. */
export type InsertedRow = AcceptedRow | { readonly verdict: Refusal };

/** The first message under a draft's key. */
export interface FirstMessageRow extends MessageRow {
  readonly request_hash: string;
  /** The sender is in the conversation, which is there. */
  readonly is_inside: boolean;
}

const findFirst = `
  SELECT i.ord::int4 AS place, encode(m.request_hash, 'hex') AS request_hash,
    EXISTS (
      SELECT FROM participants p JOIN conversations c ON c.id = p.conversation_id
      WHERE p.conversation_id = m.conversation_id AND p.user_id = m.sender_id AND p.left_at IS NULL AND c.deleted_at IS NULL
    ) AS is_inside,
    ${messageColumns}
  FROM unnest($1::bigint[], $2::text[], $3::text[])
    WITH ORDINALITY AS i (conversation_id, sender_id, idempotency_key, ord)
  CROSS JOIN LATERAL (
    SELECT m.* FROM messages m
    WHERE m.conversation_id = i.conversation_id AND m.sender_id = i.sender_id AND m.idempotency_key = i.idempotency_key
    OFFSET 0
  ) m
  ${messageTables}`;

/** Did an insert fail because a file is in a message already? */
export function isFileTaken(error: unknown): boolean {
  return violatedConstraint(error) === 'attachments_pkey';
}

@Injectable()
export class MessageRepository {
  constructor(private readonly database: Database) {}

  /**
   * Stores what may be stored of `drafts`, all of it in one statement and one commit, and answers in their order.
   *
   * @param isPatient waits for conversations that another process holds (up to the lock timeout) instead of skipping them.
   * @throws the database's error, with nothing stored: among others 23505 where one of the keys was used before, or one of
   *   the files ({@link isFileTaken}); AppError `service_unavailable` with the outcome unknown.
   */
  async insert(drafts: readonly MessageDraft[], isPatient: boolean): Promise<InsertedRow[]> {
    const hasRich = drafts.some(isRich);
    const { name, text } = insertMessages[hasRich ? 'rich' : 'plain'][isPatient ? 'patient' : 'skipping'];
    const rows = await this.database.query<InsertedRow & { readonly place: number }>(name, text, [
      drafts.map((draft) => draft.conversationId),
      drafts.map((draft) => draft.senderId),
      drafts.map((draft) => draft.idempotencyKey),
      drafts.map((draft) => draft.requestHash),
      drafts.map((draft) => draft.content),
      drafts.map((draft) => draft.messageType),
      drafts.map((draft) => draft.replyToId),
      drafts.map((draft) => JSON.stringify(draft.metadata)),
      [...new Set(drafts.map((draft) => draft.conversationId))],
      ...(hasRich ? richValues(drafts) : []),
    ]);
    const inOrder = new Array<InsertedRow>(rows.length);
    for (const row of rows) inOrder[row.place - 1] = row;
    return inOrder;
  }

  /** The messages that were stored under the drafts' keys before, as they are now. */
  async listFirst<Draft extends RequestedMessage>(drafts: readonly Draft[]): Promise<Map<Draft, FirstMessageRow>> {
    const rows = await this.database.query<FirstMessageRow & { place: number }>('message_first', findFirst, [
      drafts.map((draft) => draft.conversationId),
      drafts.map((draft) => draft.senderId),
      drafts.map((draft) => draft.idempotencyKey),
    ]);
    return new Map(
      rows.flatMap((row) => {
        const draft = drafts[row.place - 1];
        return draft ? [[draft, row] as const] : [];
      }),
    );
  }
}

function richValues(drafts: readonly MessageDraft[]): readonly unknown[] {
  return [
    drafts.map((draft) => draft.threadRootId),
    drafts.map((draft) => JSON.stringify(draft.mentions)),
    drafts.map((draft) => JSON.stringify(toMentionRows(draft.mentions))),
    drafts.map((draft) => JSON.stringify(draft.attachments)),
    drafts.map((draft) => draft.isScheduled),
  ];
}
