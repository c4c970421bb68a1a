import { EventBus } from '@parley/bus';
import { BlockChanged, type ChangeBlock, type RequestOf, type ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { UserReader } from '../user/user.reader';
import { demandOther } from './block.policy';
import { BlockRepository } from './block.repository';
import { lockPair } from './pair.lock';

/**
 * Ends and resumes what two users have with each other. No client is told: the blocked one notices when writing. Gateways
 * are, because they show presence.
 */
@Injectable()
export class BlockService {
  constructor(
    private readonly database: Database,
    private readonly repository: BlockRepository,
    private readonly users: UserReader,
    private readonly events: EventBus,
  ) {}

  /**
   * The block and its mark in the direct conversation are written together: whoever sends there sees both or none.
   *
   * @throws AppError `validation_failed`, `user_not_found`.
   */
  async change(request: RequestOf<typeof ChangeBlock>): Promise<ResponseOf<typeof ChangeBlock>> {
    const { userId, blockedId, isBlocked } = request;
    demandOther(userId, blockedId);
    const user = await this.users.getProfile(blockedId);
    const changed = await this.database.transaction(async (tx) => {
      await lockPair(tx, userId, blockedId);
      const isNew = await this.repository.set(tx, userId, blockedId, isBlocked);
      await this.repository.mark(tx, userId, blockedId, isBlocked);
      return isNew;
    });
    if (changed) this.events.broadcast(BlockChanged, { v: 1, blockerId: userId, blockedId, isBlocked });
    return { user, changed };
  }
}
