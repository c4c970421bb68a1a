import type { ConversationId, Rev, Seq, UserId } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { ReactionStanding } from './reaction.policy';

/** One user's reaction to one message. */
export interface Reaction {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly userId: UserId;
  readonly emoji: string;
}

interface StandingRow {
  readonly has_own: boolean;
  readonly has_emoji: boolean;
  readonly different_emojis: number;
}

const readStanding = `
  WITH RECURSIVE emojis (emoji) AS (
    (
      SELECT r.emoji FROM reactions r
      WHERE r.conversation_id = $1 AND r.seq = $2
      ORDER BY r.emoji
      LIMIT 1
    )
    UNION ALL
    SELECT next.emoji
    FROM emojis e
    CROSS JOIN LATERAL (
      SELECT r.emoji FROM reactions r
      WHERE r.conversation_id = $1 AND r.seq = $2 AND r.emoji > e.emoji
      ORDER BY r.emoji
      LIMIT 1
    ) next
  )
  SELECT count(*)::int4 AS different_emojis, coalesce(bool_or(e.emoji = $3), false) AS has_emoji,
    EXISTS (
      SELECT FROM reactions r
      WHERE r.conversation_id = $1 AND r.seq = $2 AND r.emoji = $3 AND r.user_id = $4
    ) AS has_own
  FROM emojis e`;

const has = `
  SELECT FROM reactions r
  WHERE r.conversation_id = $1 AND r.seq = $2 AND r.emoji = $3 AND r.user_id = $4`;

/** Dated under the lock: in the order of the revs. */
const add = `
  WITH added AS (
    INSERT INTO reactions (conversation_id, seq, emoji, user_id, created_at)
    VALUES ($1, $2, $3, $4, date_trunc('milliseconds', clock_timestamp()))
  )
  UPDATE messages m SET rev = $5 WHERE m.conversation_id = $1 AND m.seq = $2`;

const remove = `
  WITH removed AS (
    DELETE FROM reactions r
    WHERE r.conversation_id = $1 AND r.seq = $2 AND r.emoji = $3 AND r.user_id = $4
  )
  UPDATE messages m SET rev = $5 WHERE m.conversation_id = $1 AND m.seq = $2`;

/** Reads and writes reactions, in the transaction that holds their conversation. */
@Injectable()
export class ReactionRepository {
  /** Goes from one emoji to the next, however many users chose each. */
  async readStanding(tx: Queryable, reaction: Reaction): Promise<ReactionStanding> {
    const [row] = await tx.query<StandingRow>('reaction_standing', readStanding, valuesOf(reaction));
    return {
      hasOwn: row?.has_own ?? false,
      hasEmoji: row?.has_emoji ?? false,
      differentEmojis: row?.different_emojis ?? 0,
    };
  }

  async has(tx: Queryable, reaction: Reaction): Promise<boolean> {
    return (await tx.query('reaction_has', has, valuesOf(reaction))).length > 0;
  }

  /** @param rev the message's from now on. */
  async add(tx: Queryable, reaction: Reaction, rev: Rev): Promise<void> {
    await tx.query('reaction_add', add, [...valuesOf(reaction), rev]);
  }

  /** @param rev the message's from now on. */
  async remove(tx: Queryable, reaction: Reaction, rev: Rev): Promise<void> {
    await tx.query('reaction_remove', remove, [...valuesOf(reaction), rev]);
  }
}

function valuesOf({ conversationId, seq, emoji, userId }: Reaction): readonly unknown[] {
  return [conversationId, seq, emoji, userId];
}
