import type { OutgoingEvent } from '@parley/bus';
import { Database, type Queryable } from '@parley/database';
import { RawJson } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { type MessageRow, toMessageCreated, toMessageView } from '../message/message.mapper';
import { messageColumns, messageTables } from '../message/message.sql';

/** Messages of one conversation that were stored together. */
type MessagePointer = readonly [conversationId: string, firstSeq: number, firstRev: number, count: number];

/** An event as the outbox keeps it. */
type StoredEvent = readonly [subject: string, payload: unknown];

export type OutboxRow = { readonly id: string } & (
  | { readonly kind: 'messages'; readonly payload: readonly MessagePointer[] }
  | { readonly kind: 'events'; readonly payload: readonly StoredEvent[] }
);

const claim = `
  SELECT o.id, o.kind, o.payload
  FROM outbox o
  WHERE o.created_at < now() - make_interval(secs => $1)
  ORDER BY o.id
  LIMIT $2
  FOR UPDATE OF o SKIP LOCKED`;

const pointedMessages = `
  SELECT p.first_rev + m.seq - p.first_seq AS event_rev, ${messageColumns}
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS p (conversation_id, first_seq, first_rev, added)
  JOIN messages m
    ON m.conversation_id = p.conversation_id AND m.seq >= p.first_seq AND m.seq < p.first_seq + p.added
  ${messageTables}
  ORDER BY m.conversation_id, m.seq`;

/** Rows that a relay holds are left to it. */
const remove = `
  DELETE FROM outbox o
  WHERE o.id IN (SELECT held.id FROM outbox held WHERE held.id = ANY ($1::bigint[]) FOR UPDATE SKIP LOCKED)`;

/** The rows that announce what was written, until the broker has it. */
@Injectable()
export class OutboxRepository {
  constructor(private readonly database: Database) {}

  /** Keeps events for the broker, in the transaction that makes them true. @returns the row's id. */
  async insert(tx: Queryable, events: readonly OutgoingEvent[]): Promise<string> {
    const text = `INSERT INTO outbox (kind, payload) VALUES ('events', $1::jsonb) RETURNING id`;
    const stored = events.map(({ subject, payload }): StoredEvent => [subject, payload]);
    const [row] = await tx.query<{ id: string }>('', text, [JSON.stringify(stored)]);
    if (row === undefined) throw new Error('The outbox returned no id');
    return row.id;
  }

  /**
   * The oldest rows of some age that nobody else is at; they are the transaction's until it ends.
   *
   * @param minAgeSeconds by the database's clock.
   */
  claim(tx: Queryable, minAgeSeconds: number, limit: number): Promise<OutboxRow[]> {
    return tx.query<OutboxRow>('outbox_claim', claim, [minAgeSeconds, limit]);
  }

  /** What a row announces, messages in their present state. */
  async listEvents(tx: Queryable, row: OutboxRow): Promise<OutgoingEvent[]> {
    if (row.kind === 'events') return row.payload.map(([subject, payload]) => ({ subject, payload }));
    const rows = await tx.query<MessageRow & { event_rev: string }>('outbox_messages', pointedMessages, [
      row.payload.map(([conversationId]) => conversationId),
      row.payload.map(([, firstSeq]) => firstSeq),
      row.payload.map(([, , firstRev]) => firstRev),
      row.payload.map(([, , , count]) => count),
    ]);
    return rows.map((message) => toMessageCreated(RawJson.of(toMessageView(message)), Number(message.event_rev)));
  }

  async remove(tx: Queryable, ids: readonly string[]): Promise<void> {
    await tx.query('outbox_remove', remove, [ids]);
  }

  /** Removes rows soon: what a crash brings back is published twice, which hurts nobody, so that no commit waits for it. */
  removeLazily(ids: readonly string[]): Promise<void> {
    return this.database.transaction(async (tx) => {
      await tx.query('', 'SET LOCAL synchronous_commit = off');
      await this.remove(tx, ids);
    });
  }
}
