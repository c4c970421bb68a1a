import type { ScheduledId, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { RequestedMessage } from '../message/message.draft';
import type { SchedulePlace } from './schedule.cursor';
import { scheduledColumns, type ScheduledRow, toStoredDraft } from './schedule.mapper';

const insert = `
  INSERT INTO scheduled_messages AS s (conversation_id, sender_id, idempotency_key, request_hash, draft, send_at)
  VALUES ($1, $2, $3, decode($4, 'hex'), $5::jsonb, $6::timestamptz)
  ON CONFLICT (conversation_id, sender_id, idempotency_key) DO NOTHING
  RETURNING ${scheduledColumns}`;

const findByKey = `
  SELECT ${scheduledColumns}
  FROM scheduled_messages s
  WHERE s.conversation_id = $1 AND s.sender_id = $2 AND s.idempotency_key = $3`;

/** OFFSET 0 keeps these lookups: the planner would otherwise read whole tables for them. */
const isSent = `
  EXISTS (
    SELECT FROM messages m
    WHERE m.conversation_id = s.conversation_id AND m.sender_id = s.sender_id AND m.idempotency_key = s.idempotency_key
    OFFSET 0
  )`;

const isRefused = `
  EXISTS (SELECT FROM users u WHERE u.id = s.sender_id AND u.banned_at IS NOT NULL OFFSET 0) AND NOT ${isSent}`;

const lock = `
  SELECT ${scheduledColumns}, ${isSent} AS is_sent
  FROM scheduled_messages s
  WHERE s.id = $1::bigint AND s.sender_id = $2 AND s.draft IS NOT NULL
  FOR UPDATE OF s`;

const claimDue = `
  SELECT ${scheduledColumns}, ${isRefused} AS is_refused
  FROM scheduled_messages s
  WHERE s.settled_at IS NULL AND s.send_at <= now() AND (s.send_at, s.id) > ($1::timestamptz, $2::bigint)
  ORDER BY s.send_at, s.id
  LIMIT $3
  FOR UPDATE OF s SKIP LOCKED`;

const settle = `UPDATE scheduled_messages s SET settled_at = now() WHERE s.id = ANY ($1::bigint[])`;

const cancel = `
  UPDATE scheduled_messages AS s SET settled_at = now(), cancelled_at = now()
  WHERE s.id = $1::bigint
  RETURNING ${scheduledColumns}`;

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

/** A scheduled message, however long ago it was settled. */
export interface KeptRow extends Omit<ScheduledRow, 'draft'> {
  readonly draft: ScheduledRow['draft'] | null;
}

/** A scheduled message while somebody holds it. */
export interface HeldRow extends ScheduledRow {
  /** Its message is there, though nobody has noted it yet. */
  readonly is_sent: boolean;
}

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

  /** What was scheduled under the message's key before. `draft` is null where it is forgotten what that said. */
  async findByKey(message: RequestedMessage): Promise<KeptRow | undefined> {
    const values = [message.conversationId, message.senderId, message.idempotencyKey];
    const [row] = await this.database.query<KeptRow>('', findByKey, values);
    return row;
  }

  /** A scheduled message of this sender, unless it is forgotten what it said; it is the transaction's until it ends. */
  async lock(tx: Queryable, id: ScheduledId, senderId: UserId): Promise<HeldRow | undefined> {
    const [row] = await tx.query<HeldRow>('', lock, [id, senderId]);
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
  async cancel(tx: Queryable, row: ScheduledRow): Promise<ScheduledRow> {
    const [cancelled] = await tx.query<ScheduledRow>('', cancel, [row.id]);
    return cancelled ?? row;
  }

  /** Forgets what those said that were settled so long ago, and keeps their keys. @returns how many, `limit` at most. */
  async forgetSettled(minAgeSeconds: number, limit: number): Promise<number> {
    return (await this.database.query('', forgetSettled, [minAgeSeconds, limit])).length;
  }
}
