import type { ConversationId, MessageId, Rev, Seq, UserId } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';

/** A reply in a thread. */
export interface ThreadReply {
  readonly rootId: MessageId;
  readonly senderId: UserId;
}

/**
 * Of a message stays where it stood, whose it was, what it replied to, and the thread that it started. (Whom it mentions
 * names its rows in `mentions`, which are found by user.)
 */
const empty = `
  WITH old AS MATERIALIZED (
    SELECT m.conversation_id, m.seq, m.mentions,
      greatest(date_trunc('milliseconds', clock_timestamp()), m.updated_at) AS at
    FROM messages m
    WHERE m.conversation_id = $1 AND m.seq = $2
  ),
  forgotten_edits AS (
    DELETE FROM edits e WHERE e.conversation_id = $1 AND e.seq = $2
  ),
  forgotten_reactions AS (
    DELETE FROM reactions r WHERE r.conversation_id = $1 AND r.seq = $2
  ),
  forgotten_mentions AS (
    DELETE FROM mentions n
    USING old
    WHERE n.conversation_id = $1 AND n.user_id = ANY (old.mentions) AND n.seq = $2
  )
  UPDATE messages m
  SET content = '', metadata = '{}', mentions = NULL, pinned_at = NULL, deleted_at = old.at, updated_at = old.at, rev = $3
  FROM old
  WHERE m.conversation_id = old.conversation_id AND m.seq = old.seq`;

/** Once the reply is a tombstone: what the root tells of those that are left. */
const shortenThread = `
  UPDATE messages root
  SET reply_count = root.reply_count - 1,
    last_reply_at = (
      SELECT r.created_at
      FROM messages r
      WHERE r.conversation_id = $1 AND r.thread_root_id = $2 AND r.deleted_at IS NULL
      ORDER BY r.seq DESC
      LIMIT 1
    ),
    replier_ids = CASE
      WHEN EXISTS (
        SELECT FROM messages r
        WHERE r.conversation_id = $1 AND r.thread_root_id = $2 AND r.deleted_at IS NULL AND r.sender_id = $3
      ) THEN root.replier_ids
      ELSE array_remove(root.replier_ids, $3)
    END,
    rev = $4
  WHERE root.id = $2 AND root.conversation_id = $1`;

/** Writes tombstones, in the transaction that holds their conversation. */
@Injectable()
export class MessageDeleteRepository {
  /** @param rev the message's from now on. */
  async empty(tx: Queryable, conversationId: ConversationId, seq: Seq, rev: Rev): Promise<void> {
    await tx.query('message_delete', empty, [conversationId, seq, rev]);
  }

  /** Takes a reply that was emptied out of what its root tells of the thread. @param rev the root's from now on. */
  async shortenThread(tx: Queryable, conversationId: ConversationId, reply: ThreadReply, rev: Rev): Promise<void> {
    await tx.query('thread_shorten', shortenThread, [conversationId, reply.rootId, reply.senderId, rev]);
  }
}
