import type { ConversationId, UserId } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { MessageRow } from '../message/message.mapper';
import { messageColumns, messageTables } from '../message/message.sql';
import type { Moved, Standing } from './sync.policy';

const standings = `
  SELECT c.id, c.last_seq, c.rev
  FROM participants me
  JOIN conversations c ON c.id = me.conversation_id AND c.deleted_at IS NULL
  WHERE me.user_id = $1 AND me.left_at IS NULL
  ORDER BY c.last_message_at DESC, c.id DESC`;

const asked = `unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS asked (conversation_id, seq, rev)`;

const newMessages = `
  SELECT page.*
  FROM ${asked}
  CROSS JOIN LATERAL (
    SELECT ${messageColumns}
    FROM messages m
    ${messageTables}
    WHERE m.conversation_id = asked.conversation_id AND m.seq > asked.seq
    ORDER BY m.seq
    LIMIT $4
  ) page
  ORDER BY page.conversation_id, page.seq`;

const changedMessages = `
  SELECT page.*
  FROM ${asked}
  CROSS JOIN LATERAL (
    SELECT ${messageColumns}
    FROM messages m
    ${messageTables}
    WHERE m.conversation_id = asked.conversation_id AND m.rev > m.created_rev AND m.rev > asked.rev
      AND m.seq <= asked.seq
    ORDER BY m.rev
    LIMIT $4
  ) page
  ORDER BY page.conversation_id, page.rev`;

/** Reads what clients missed. */
@Injectable()
export class SyncReader {
  constructor(private readonly database: Database) {}

  /** Runs `read` on the database as it stands at one moment. */
  inSnapshot<T>(read: (snapshot: Queryable) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query('', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      return read(tx);
    });
  }

  async readEpoch(queryable: Queryable = this.database): Promise<string> {
    const [row] = await queryable.query<{ epoch: string }>('epoch', 'SELECT d.epoch FROM deployment d');
    if (row === undefined) throw new Error('The database has no epoch: it was not migrated');
    return row.epoch;
  }

  /** The user's conversations, newest activity first. */
  async listStandings(snapshot: Queryable, userId: UserId): Promise<Standing[]> {
    const rows = await snapshot.query<{ id: ConversationId; last_seq: string; rev: string }>(
      'sync_standings',
      standings,
      [userId],
    );
    return rows.map(({ id, last_seq, rev }) => ({ id, head: { seq: Number(last_seq), rev: Number(rev) } }));
  }

  /** New messages by conversation, ascending, `limit` of each at most. */
  listNew(snapshot: Queryable, moved: readonly Moved[], limit: number): Promise<MessagesByConversation> {
    return list(snapshot, 'sync_new', newMessages, moved, limit);
  }

  /** Messages that the client has seen and that changed since, by conversation and by rev, `limit` of each at most. */
  listChanged(snapshot: Queryable, moved: readonly Moved[], limit: number): Promise<MessagesByConversation> {
    return list(snapshot, 'sync_changed', changedMessages, moved, limit);
  }
}

export type MessagesByConversation = ReadonlyMap<string, readonly MessageRow[]>;

async function list(
  snapshot: Queryable,
  name: string,
  text: string,
  moved: readonly Moved[],
  limit: number,
): Promise<MessagesByConversation> {
  const found = new Map<string, MessageRow[]>();
  if (moved.length === 0) return found;
  const rows = await snapshot.query<MessageRow>(name, text, [
    moved.map(({ id }) => id),
    moved.map(({ since }) => since.seq),
    moved.map(({ since }) => since.rev ?? null),
    limit,
  ]);
  for (const row of rows) {
    const messages = found.get(row.conversation_id);
    if (messages) messages.push(row);
    else found.set(row.conversation_id, [row]);
  }
  return found;
}
