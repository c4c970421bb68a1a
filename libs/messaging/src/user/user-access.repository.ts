import type { UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { userColumns, type UserRow } from './user.mapper';

/** Gives a row only where something changes. */
const write = {
  ban: `UPDATE users u SET banned_at = now() WHERE u.id = $1 AND u.banned_at IS NULL RETURNING ${userColumns}`,
  unban: `UPDATE users u SET banned_at = NULL WHERE u.id = $1 AND u.banned_at IS NOT NULL RETURNING ${userColumns}`,
  // Never back, whatever a clock does: a token that was refused stays so.
  revoke: `
    UPDATE users u SET revoked_at = greatest(u.revoked_at, clock_timestamp()) WHERE u.id = $1 RETURNING ${userColumns}`,
};

const listRestricted = `
  SELECT u.id, u.banned_at, u.revoked_at
  FROM users u
  WHERE u.id = ANY ($1::text[]) AND (u.banned_at IS NOT NULL OR u.revoked_at IS NOT NULL)`;

export type AccessAction = keyof typeof write;

/** Who may come in, and with which tokens. */
@Injectable()
export class UserAccessRepository {
  constructor(private readonly database: Database) {}

  /** @returns undefined where it was so already, and where there is no such user. */
  async change(tx: Queryable, id: UserId, action: AccessAction): Promise<UserRow | undefined> {
    const [row] = await tx.query<UserRow>(`user_${action}`, write[action], [id]);
    return row;
  }

  /** Those of the users that are banned, or had tokens revoked. */
  listRestricted(ids: readonly UserId[]): Promise<Pick<UserRow, 'id' | 'banned_at' | 'revoked_at'>[]> {
    return this.database.query('users_restricted', listRestricted, [ids]);
  }
}
