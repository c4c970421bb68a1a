import type { UserAccess } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { UserSession } from './user.session';

/**
 * Why a user may not come in with the token of a session; undefined where nothing is against it.
 *
 * Tokens name whole seconds: those of the second in which tokens were revoked are refused with the older ones.
 */
export function refusalOf(
  { issuedAt }: Pick<UserSession, 'issuedAt'>,
  { isBanned, revokedAt }: UserAccess,
): 'user_banned' | 'invalid_token' | undefined {
  if (isBanned) return 'user_banned';
  if (revokedAt === null) return undefined;
  return issuedAt <= Math.floor(Date.parse(revokedAt) / 1_000) ? 'invalid_token' : undefined;
}

/** @throws AppError `user_banned`, `invalid_token`. */
export function demandAccess(session: Pick<UserSession, 'issuedAt'>, access: UserAccess): void {
  const refusal = refusalOf(session, access);
  if (refusal !== undefined) throw new AppError(refusal);
}
