import type { Metadata, Rev } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { toMentionRows } from '../mention/mention.policy';
import type { MessagePlace } from './message-access.reader';

/** What a message is to say; without `metadata` that stays. */
export interface MessageText {
  readonly content: string;
  readonly metadata: Metadata | null;
}

/** What a message says before an edit. */
export interface PresentText {
  readonly content: string;
  /** As messages store it. */
  readonly mentions: readonly string[];
  /** Does it say already what it is to say? Equal metadata is equal in whatever order. */
  readonly is_same: boolean;
}

const present = `
  SELECT m.content, coalesce(m.mentions, '{}') AS mentions,
    m.content = $3 AND ($4::jsonb IS NULL OR m.metadata = $4::jsonb) AS is_same
  FROM messages m
  WHERE m.conversation_id = $1 AND m.seq = $2`;

/**
 * The earlier content is kept where another one replaces it. No edit is dated before the one before it.
 *
 * Of `mentions` only what differs is written: one statement cannot take a row away and put it back.
 */
const replace = `
  WITH old AS MATERIALIZED (
    SELECT m.conversation_id, m.seq, m.content, m.mentions,
      greatest(date_trunc('milliseconds', clock_timestamp()), m.updated_at) AS at
    FROM messages m
    WHERE m.conversation_id = $1 AND m.seq = $2
  ),
  kept AS (
    INSERT INTO edits (conversation_id, seq, rev, content, edited_at)
    SELECT old.conversation_id, old.seq, $3, old.content, old.at
    FROM old
    WHERE old.content <> $4
  ),
  forgotten_mentions AS (
    DELETE FROM mentions n
    USING old
    WHERE n.conversation_id = $1 AND n.user_id = ANY (old.mentions) AND n.user_id <> ALL ($7::text[]) AND n.seq = $2
  ),
  new_mentions AS (
    INSERT INTO mentions (conversation_id, user_id, seq)
    SELECT $1, row.user_id, $2
    FROM unnest($7::text[]) AS row (user_id)
    ON CONFLICT DO NOTHING
  )
  UPDATE messages m
  SET content = $4, metadata = coalesce($5::jsonb, m.metadata), mentions = nullif($6::text[], '{}'), rev = $3,
    edited_at = old.at, updated_at = old.at
  FROM old
  WHERE m.conversation_id = old.conversation_id AND m.seq = old.seq`;

/** Writes what messages say, in the transaction that holds their conversation. */
@Injectable()
export class MessageEditRepository {
  /** What the message says, and whether `text` would change that. @throws AppError `message_not_found`. */
  async getPresent(tx: Queryable, { conversationId, seq }: MessagePlace, text: MessageText): Promise<PresentText> {
    const values = [conversationId, seq, text.content, toJson(text.metadata)];
    const [row] = await tx.query<PresentText>('message_present', present, values);
    if (row === undefined) throw new AppError('message_not_found');
    return row;
  }

  /**
   * @param mentions whom it mentions from now on, as messages store it.
   * @param rev the message's from now on.
   */
  async replace(
    tx: Queryable,
    { conversationId, seq }: MessagePlace,
    text: MessageText,
    mentions: readonly string[],
    rev: Rev,
  ): Promise<void> {
    await tx.query('message_edit', replace, [
      conversationId,
      seq,
      rev,
      text.content,
      toJson(text.metadata),
      mentions,
      toMentionRows(mentions),
    ]);
  }
}

function toJson(metadata: Metadata | null): string | null {
  return metadata && JSON.stringify(metadata);
}
