import type { UserId } from '@parley/contracts';
import type { Queryable, Transaction } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { directKey } from '../conversation/conversation.policy';

const insert = `
  INSERT INTO blocks AS b (blocker_id, blocked_id)
  VALUES ($1, $2)
  ON CONFLICT (blocker_id, blocked_id) DO NOTHING
  RETURNING b.blocked_id`;

const remove = `DELETE FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = $2 RETURNING b.blocked_id`;

const lockDirect = `SELECT c.id FROM conversations c WHERE c.direct_key = $1 FOR NO KEY UPDATE OF c`;

const mark = `
  UPDATE participants p SET is_blocked = $3
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.is_blocked <> $3`;

/** Who blocks whom. */
@Injectable()
export class BlockRepository {
  /** @returns false where it was so already. */
  async set(tx: Queryable, blockerId: UserId, blockedId: UserId, isBlocked: boolean): Promise<boolean> {
    const rows = isBlocked
      ? await tx.query('block_insert', insert, [blockerId, blockedId])
      : await tx.query('block_remove', remove, [blockerId, blockedId]);
    return rows.length > 0;
  }

  /** Notes the block, or its end, where sends look: on the blocked one's row in the direct conversation, if there is one. */
  async mark(tx: Transaction, blockerId: UserId, blockedId: UserId, isBlocked: boolean): Promise<void> {
    const [direct] = await tx.query<{ id: string }>('block_direct', lockDirect, [directKey(blockerId, blockedId)]);
    if (direct) await tx.query('block_mark', mark, [direct.id, blockedId, isBlocked]);
  }
}
