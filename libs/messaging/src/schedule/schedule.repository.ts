import type { ScheduledId, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { RequestedMessage } from '../message/message.draft';
import type { SchedulePlace } from './schedule.cursor';
import { type KeptRow, scheduledColumns, type ScheduledRow, toStoredDraft } from './schedule.mapper';

const insert = `
  INSERT INTO scheduled_messages AS s (conversation_id, sender_id, idempotency_key, request_hash, draft, send_at)
  VALUES ($1, $2, $3, decode($4, 'hex'), $5::jsonb, $6::timestamptz)
  ON CONFLICT (conversation_id, sender_id, idempotency_key) DO NOTHING
  RETURNING ${scheduledColumns}`;

/** The message that `s` became. OFFSET 0 keeps this lookup, and the next: the planner would otherwise read whole tables. */
const became = `
  SELECT m.id, m.seq
  FROM messages m
  WHERE m.conversation_id = s.conversation_id AND m.sender_id = s.sender_id AND m.idempotency_key = s.idempotency_key
    AND m.request_hash = s.request_hash
  OFFSET 0`;

const isBanned = `EXISTS (SELECT FROM users u WHERE u.id = s.sender_id AND u.banned_at IS NOT NULL OFFSET 0)`;

const find = (condition: string) => `
  SELECT ${scheduledColumns}, m.id AS message_id, m.seq AS message_seq
  FROM scheduled_messages s
  LEFT JOIN LATERAL (${became}) m ON true
  WHERE ${condition}`;

const findByKey = find('s.conversation_id = $1 AND s.sender_id = $2 AND s.idempotency_key = $3');

const findById = find('s.id = $1::bigint');

const lock = `
  SELECT s.id
  FROM scheduled_messages s
  WHERE s.id = $1::bigint AND s.sender_id = $2 AND s.draft IS NOT NULL
  FOR UPDATE OF s`;

const claimDue = `
  SELECT ${scheduledColumns}, ${isBanned} AND NOT EXISTS (${became}) AS is_refused
  FROM scheduled_messages s
  WHERE s.settled_at IS NULL AND s.send_at <= now() AND (s.send_at, s.id) > ($1::timestamptz, $2::bigint)
  ORDER BY s.send_at, s.id
  LIMIT $3
  FOR UPDATE OF s SKIP LOCKED`;

const settle = `UPDATE scheduled_messages s SET settled_at = now() WHERE s.id = ANY ($1::bigint[])`;

const cancel = `UPDATE scheduled_messages s SET settled_at = now(), cancelled_at = now() WHERE s.id = $1::bigint`;

const forgetSettled = `
  UPDATE scheduled_messages s SET draft = NULL
  WHERE s.id IN (
    SELECT old.id
    FROM scheduled_messages old
    WHERE old.settled_at < now() - make_interval(secs => $1) AND old.draft IS NOT NULL
    LIMIT $2
    FOR UPDATE OF old SKIP LOCKED
  )
  RETURNING s.id`;

/** A scheduled message of which it is known what it says. */
export type KnownRow = KeptRow & ScheduledRow;

/** A scheduled message whose time has come. */
export interface DueRow extends ScheduledRow {
  /** Its sender is banned, and it was not sent before. */
  readonly is_refused: boolean;
}

/** The messages that wait for their time, those that no longer do, and for a while what these said. */
@Injectable()
export class ScheduleRepository {
  constructor(private readonly database: Database) {}

  /** @returns undefined, with nothing stored, where the sender has scheduled a message under this key before. */
  async insert(message: RequestedMessage, sendAt: string): Promise<ScheduledRow | undefined> {
    const [row] = await this.database.query<ScheduledRow>('', insert, [
      message.conversationId,
      message.senderId,
      message.idempotencyKey,
      message.requestHash,
      JSON.stringify(toStoredDraft(message)),
      sendAt,
    ]);
    return row;
  }

  /** What was scheduled under the message's key before. */
  async findByKey(message: RequestedMessage): Promise<KeptRow | undefined> {
    const values = [message.conversationId, message.senderId, message.idempotencyKey];
    const [row] = await this.database.query<KeptRow>('', findByKey, values);
    return row;
  }

  /** A scheduled message of this sender, unless it is forgotten what it said; it is the transaction's until it ends. */
  async lock(tx: Queryable, id: ScheduledId, senderId: UserId): Promise<KnownRow | undefined> {
    const [locked] = await tx.query('', lock, [id, senderId]);
    if (locked === undefined) return undefined;
    // By a statement of its own: one that waited for the row would not see a message that was stored meanwhile.
    const [row] = await tx.query<KnownRow>('', findById, [id]);
    return row;
  }

  /** The next that are due after a place, by the database's clock, and that nobody else is at; they are the transaction's. */
  claimDue(tx: Queryable, after: SchedulePlace, limit: number): Promise<DueRow[]> {
    return tx.query<DueRow>('schedule_claim', claimDue, [after.sendAt, after.id, limit]);
  }

  /** Notes that they were sent, or failed for good. */
  async settle(tx: Queryable, ids: readonly string[]): Promise<void> {
    await tx.query('schedule_settle', settle, [ids]);
  }

  /** For one that waits, and that the transaction has locked. */
  async cancel(tx: Queryable, id: string): Promise<void> {
    await tx.query('', cancel, [id]);
  }

  /** Forgets what those said that were settled so long ago, and keeps their keys. @returns how many, `limit` at most. */
  async forgetSettled(minAgeSeconds: number, limit: number): Promise<number> {
    return (await this.database.query('', forgetSettled, [minAgeSeconds, limit])).length;
  }
}
