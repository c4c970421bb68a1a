import type { ConversationId, Rev, Seq } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';

const pin = `
  UPDATE messages m
  SET pinned_at = date_trunc('milliseconds', clock_timestamp()), rev = $3
  WHERE m.conversation_id = $1 AND m.seq = $2`;

const unpin = `UPDATE messages m SET pinned_at = NULL, rev = $3 WHERE m.conversation_id = $1 AND m.seq = $2`;

/** Writes pins, in the transaction that holds their conversation. */
@Injectable()
export class PinRepository {
  /** @param rev the message's from now on. */
  async pin(tx: Queryable, conversationId: ConversationId, seq: Seq, rev: Rev): Promise<void> {
    await tx.query('pin_add', pin, [conversationId, seq, rev]);
  }

  /** @param rev the message's from now on. */
  async unpin(tx: Queryable, conversationId: ConversationId, seq: Seq, rev: Rev): Promise<void> {
    await tx.query('pin_remove', unpin, [conversationId, seq, rev]);
  }
}
