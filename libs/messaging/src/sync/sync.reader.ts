import type { ConversationId, Seq, UserId } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { ViewedMessageRow } from '../message/message.mapper';
import { viewedColumns, viewedTables, viewerOf } from '../message/message.sql';
import { type ParticipantJson, participantJson, participantUser } from '../participant/participant.mapper';
import { maxToldParticipants } from '../receipt/receipt';
import type { Moved, Standing } from './sync.policy';

const standings = `
  SELECT c.id, c.last_seq, c.rev, c.details_rev, coalesce(c.last_seq <= me.hidden_seq, false) AS is_hidden
  FROM participants me
  JOIN conversations c ON c.id = me.conversation_id AND c.deleted_at IS NULL
  WHERE me.user_id = $1 AND me.left_at IS NULL
  ORDER BY c.last_message_at DESC, c.id DESC`;

const asked = `unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS asked (conversation_id, seq, rev)`;

const newMessages = `
  SELECT page.*
  FROM ${asked}
  CROSS JOIN LATERAL (${viewerOf('asked.conversation_id', '$5::text')}) viewer
  CROSS JOIN LATERAL (
    SELECT ${viewedColumns}
    FROM messages m
    ${viewedTables}
    WHERE m.conversation_id = asked.conversation_id AND m.seq > asked.seq
    ORDER BY m.seq
    LIMIT $4
  ) page
  ORDER BY page.conversation_id, page.seq`;

const changedMessages = `
  SELECT page.*
  FROM ${asked}
  CROSS JOIN LATERAL (${viewerOf('asked.conversation_id', '$5::text')}) viewer
  CROSS JOIN LATERAL (
    SELECT ${viewedColumns}
    FROM messages m
    ${viewedTables}
    WHERE m.conversation_id = asked.conversation_id AND m.rev > m.created_rev AND m.rev > asked.rev
      AND m.seq <= asked.seq
    ORDER BY m.rev
    LIMIT $4
  ) page
  ORDER BY page.conversation_id, page.rev`;

const ofSize = (comparison: '<=' | '>') => `
      SELECT c.id FROM conversations c
      WHERE c.id = asked.conversation_id AND c.participant_count ${comparison} ${maxToldParticipants}
      OFFSET 0`;

/**
 * Cursors have no `rev`. Those that moved since a message was sent, or past it, are what its reader may not know of; more
 * than that does no harm. Of large conversations it is the reader's own: other devices may have moved it.
 */
const movedCursors = `
  SELECT asked.conversation_id, json_agg(${participantJson} ORDER BY p.user_id) AS participants
  FROM unnest($1::bigint[], $2::bigint[]) AS asked (conversation_id, seq)
  LEFT JOIN LATERAL (
    SELECT m.created_at FROM messages m WHERE m.conversation_id = asked.conversation_id AND m.seq = asked.seq OFFSET 0
  ) seen ON true
  JOIN LATERAL (
    SELECT p.*
    FROM (${ofSize('<=')}) small
    JOIN participants p ON p.conversation_id = small.id AND p.left_at IS NULL
    UNION ALL
    SELECT p.*
    FROM (${ofSize('>')}) large
    JOIN participants p ON p.conversation_id = large.id AND p.user_id = $3 AND p.left_at IS NULL
  ) p ON true
  ${participantUser}
  WHERE p.last_read_seq > asked.seq OR p.last_delivered_seq > asked.seq
    OR greatest(p.last_read_at, p.last_delivered_at) > coalesce(seen.created_at, '-infinity')
  GROUP BY asked.conversation_id`;

/** Reads what clients missed. */
@Injectable()
export class SyncReader {
  constructor(private readonly database: Database) {}

  async readEpoch(queryable: Queryable = this.database): Promise<string> {
    const [row] = await queryable.query<{ epoch: string }>('epoch', 'SELECT d.epoch FROM deployment d');
    if (row === undefined) throw new Error('The database has no epoch: it was not migrated');
    return row.epoch;
  }

  /** The user's conversations, newest activity first. */
  async listStandings(snapshot: Queryable, userId: UserId): Promise<Standing[]> {
    const rows = await snapshot.query<StandingRow>('sync_standings', standings, [userId]);
    return rows.map(({ id, last_seq, rev, details_rev, is_hidden: isHidden }) => ({
      id,
      head: { seq: Number(last_seq), rev: Number(rev) },
      detailsRev: Number(details_rev),
      isHidden,
    }));
  }

  /** New messages by conversation, ascending, `limit` of each at most. */
  listNew(
    snapshot: Queryable,
    userId: UserId,
    moved: readonly Moved[],
    limit: number,
  ): Promise<MessagesByConversation> {
    return list(snapshot, { name: 'sync_new', text: newMessages }, userId, moved, limit);
  }

  /** Messages that the client has seen and that changed since, by conversation and by rev, `limit` of each at most. */
  listChanged(
    snapshot: Queryable,
    userId: UserId,
    moved: readonly Moved[],
    limit: number,
  ): Promise<MessagesByConversation> {
    return list(snapshot, { name: 'sync_changed', text: changedMessages }, userId, moved, limit);
  }

  /** Participants whose cursors may have moved since the client has seen a message, by conversation. */
  async listMovedCursors(
    snapshot: Queryable,
    userId: UserId,
    seen: readonly { readonly id: ConversationId; readonly seenSeq: Seq }[],
  ): Promise<{ readonly conversation_id: ConversationId; readonly participants: readonly ParticipantJson[] }[]> {
    if (seen.length === 0) return [];
    return snapshot.query('sync_cursors', movedCursors, [
      seen.map(({ id }) => id),
      seen.map(({ seenSeq }) => seenSeq),
      userId,
    ]);
  }
}

interface StandingRow {
  readonly id: ConversationId;
  readonly last_seq: string;
  readonly rev: string;
  readonly details_rev: string;
  readonly is_hidden: boolean;
}

export type MessagesByConversation = ReadonlyMap<string, readonly ViewedMessageRow[]>;

async function list(
  snapshot: Queryable,
  { name, text }: { readonly name: string; readonly text: string },
  userId: UserId,
  moved: readonly Moved[],
  limit: number,
): Promise<MessagesByConversation> {
  const found = new Map<string, ViewedMessageRow[]>();
  if (moved.length === 0) return found;
  const rows = await snapshot.query<ViewedMessageRow>(name, text, [
    moved.map(({ id }) => id),
    moved.map(({ since }) => since.seq),
    moved.map(({ since }) => since.rev ?? null),
    limit,
    userId,
  ]);
  for (const row of rows) {
    const messages = found.get(row.conversation_id);
    if (messages) messages.push(row);
    else found.set(row.conversation_id, [row]);
  }
  return found;
}
