import type { UserId } from '@parley/contracts';
import type { Transaction } from '@parley/database';
import { directKey } from '../conversation/conversation.policy';

const lock = `SELECT pg_advisory_xact_lock(hashtextextended('direct:' || $1, 0))`;

/**
 * Holds what two users have with each other until the end of the transaction: whether one blocks the other, and whether
 * they have a direct conversation.
 *
 * Taken first, before a conversation's row, by whoever changes a block and by whoever creates a direct conversation: the one
 * that comes later sees what the other wrote. A row lock could not do it, because at first there is no row.
 */
export async function lockPair(tx: Transaction, one: UserId, other: UserId): Promise<void> {
  await tx.query('pair_lock', lock, [directKey(one, other)]);
}
