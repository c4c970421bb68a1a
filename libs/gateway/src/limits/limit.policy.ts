import type { LimitRule, LimitTable, LimitType } from '@parley/config';
import type { UserSession } from '../auth/user.session';
import type { Bucket } from './rate.limiter';

/** As much of a session as decides over its limits. */
export type LimitedUser = Pick<UserSession, 'userId' | 'role'>;

/** The bucket of a user's attempts at something, as large as the user's role makes it. */
export function bucketOf(table: LimitTable, type: LimitType, { userId, role }: LimitedUser): Bucket {
  const rule = table[type];
  return { type, userId, limit: limitOf(rule, role), windowMs: rule.window * 1_000 };
}

/** Roles are what issuers write into tokens: one that happens to be called `constructor` is unknown like any other. */
function limitOf({ limit, roles = {} }: LimitRule, role: string): number {
  return (Object.hasOwn(roles, role) ? roles[role] : undefined) ?? limit;
}
