import { outgoing } from '@parley/bus';
import {
  type ChangeAccess,
  type ReadAccess,
  type RequestOf,
  type ResponseOf,
  UserAccessChanged,
  type UserId,
} from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import { toOwnUserView, toUserAccess, type UserRow } from './user.mapper';
import { demandAdmin } from './user.policy';
import { UserRepository } from './user.repository';
import { UserAccessRepository } from './user-access.repository';

/** Keeps users out, and lets them in again. Conversations stay as they are: a user who comes back finds them. */
@Injectable()
export class UserAccessService {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly repository: UserAccessRepository,
    private readonly outbox: OutboxRepository,
    private readonly publisher: OutboxPublisher,
  ) {}

  /** Every gateway hears of it. @throws AppError `admin_only`, `user_not_found`. */
  async change(request: RequestOf<typeof ChangeAccess>): Promise<ResponseOf<typeof ChangeAccess>> {
    const { actorRole, userId, action } = request;
    demandAdmin(actorRole);
    const changed = await this.database.transaction(async (tx) => {
      const row = await this.repository.change(tx, userId, action);
      return row && { row, ...(await this.record(tx, row)) };
    });
    if (changed) this.publisher.announce(changed.outboxId, changed.events);
    const row = changed?.row ?? (await this.users.find(userId));
    if (row === undefined) throw new AppError('user_not_found');
    return { user: toOwnUserView(row), access: toUserAccess(row) };
  }

  async read({ userIds }: RequestOf<typeof ReadAccess>): Promise<ResponseOf<typeof ReadAccess>> {
    const rows = await this.repository.listRestricted(userIds);
    return { restricted: rows.map((row) => ({ userId: row.id as UserId, ...toUserAccess(row) })) };
  }

  private async record(tx: Transaction, row: UserRow) {
    const userId = row.id as UserId;
    const events = [outgoing(UserAccessChanged, userId, { v: 1, userId, access: toUserAccess(row) })];
    return { events, outboxId: await this.outbox.insert(tx, events) };
  }
}
