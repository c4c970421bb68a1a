import type { ConversationId, MessageId, ReceiptKind, RequestOf, Seq, UserId } from '@parley/contracts';
import type { MarkReceived } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { Receipt } from './receipt';

type Target = RequestOf<typeof MarkReceived>['upTo'];

/** Where a cursor is to go, and where it went. */
export interface MarkedRow {
  readonly conversation_id: ConversationId;
  readonly participant_count: number;
  readonly is_participant: boolean;
  /** Null where the cursor stood there or further already. */
  readonly moved_to: string | null;
  readonly at: string | null;
  /** Of the message at `moved_to`. */
  readonly message_id: MessageId | null;
}

/** Which conversation, and which seq of it. */
const target = {
  message: `
    SELECT c.id, m.seq, c.participant_count
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id AND c.deleted_at IS NULL
    WHERE m.id = $2::bigint AND ($3::bigint IS NULL OR m.conversation_id = $3::bigint)`,
  seq: `
    SELECT c.id, least(c.last_seq, $2::bigint) AS seq, c.participant_count
    FROM conversations c
    WHERE c.id = $3::bigint AND c.deleted_at IS NULL`,
};

/** Reading is getting: both cursors move then. They only rise, and only those of participants. */
const cursors = {
  read: {
    set: `last_read_seq = t.seq, last_read_at = now_ms.at,
      last_delivered_seq = greatest(p.last_delivered_seq, t.seq),
      last_delivered_at = CASE WHEN p.last_delivered_seq < t.seq THEN now_ms.at ELSE p.last_delivered_at END`,
    isBehind: 'p.last_read_seq < t.seq',
  },
  delivered: {
    set: 'last_delivered_seq = t.seq, last_delivered_at = now_ms.at',
    isBehind: 'greatest(p.last_delivered_seq, p.last_read_seq) < t.seq',
  },
} as const satisfies Record<ReceiptKind, unknown>;

/** One row of the cursor and one of the log, however many messages they cover and however many participants there are. */
const mark = (by: keyof typeof target, kind: ReceiptKind) => `
  WITH t AS MATERIALIZED (${target[by]}),
  now_ms AS MATERIALIZED (SELECT date_trunc('milliseconds', clock_timestamp()) AS at),
  moved AS (
    UPDATE participants p
    SET ${cursors[kind].set}
    FROM t, now_ms
    WHERE p.conversation_id = t.id AND p.user_id = $1 AND p.left_at IS NULL AND ${cursors[kind].isBehind}
    RETURNING p.conversation_id, p.user_id, t.seq, now_ms.at
  ),
  logged AS (
    INSERT INTO receipts (conversation_id, user_id, kind, up_to_seq, at)
    SELECT v.conversation_id, v.user_id, '${kind}', v.seq, v.at
    FROM moved v
    ON CONFLICT DO NOTHING
  )
  SELECT t.id AS conversation_id, t.participant_count, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant,
    v.seq AS moved_to, v.at, m.id AS message_id
  FROM t
  LEFT JOIN participants me ON me.conversation_id = t.id AND me.user_id = $1
  LEFT JOIN moved v ON true
  LEFT JOIN messages m ON m.conversation_id = v.conversation_id AND m.seq = v.seq`;

const statements = {
  message: { read: mark('message', 'read'), delivered: mark('message', 'delivered') },
  seq: { read: mark('seq', 'read'), delivered: mark('seq', 'delivered') },
};

const append = `
  INSERT INTO receipts (conversation_id, user_id, kind, up_to_seq, at)
  SELECT r.conversation_id, r.user_id, r.kind, r.up_to_seq, r.at
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    AS r (conversation_id, user_id, kind, up_to_seq, at)
  ON CONFLICT DO NOTHING`;

@Injectable()
export class ReceiptRepository {
  constructor(private readonly database: Database) {}

  /**
   * Moves a cursor up to a message, or as far as the conversation goes.
   *
   * @returns undefined where there is no such conversation or message.
   */
  async mark(userId: UserId, kind: ReceiptKind, upTo: Target): Promise<MarkedRow | undefined> {
    const by = upTo.by === 'message' ? 'message' : 'seq';
    const [row] = await this.database.query<MarkedRow>(`receipt_${kind}_by_${by}`, statements[by][kind], [
      userId,
      ...valuesOf(upTo),
    ]);
    return row;
  }

  /** Appends to the log what moved cursors elsewhere; soon, but no commit waits for it. */
  append(receipts: readonly Receipt[]): Promise<void> {
    return this.database.transaction(async (tx) => {
      await tx.query('', 'SET LOCAL synchronous_commit = off');
      await tx.query('receipt_append', append, [
        receipts.map(({ conversationId }) => conversationId),
        receipts.map(({ userId }) => userId),
        receipts.map(({ kind }) => kind),
        receipts.map(({ upToSeq }) => upToSeq),
        receipts.map(({ at }) => at),
      ]);
    });
  }
}

function valuesOf(upTo: Target): [target: MessageId | Seq, conversationId: ConversationId | null] {
  switch (upTo.by) {
    case 'message':
      return [upTo.messageId, upTo.conversationId ?? null];
    case 'seq':
      return [upTo.seq, upTo.conversationId];
    case 'everything':
      return [Number.MAX_SAFE_INTEGER, upTo.conversationId];
  }
}
