import type { UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';

/** @throws AppError `validation_failed`: nobody is the own enemy. */
export function demandOther(userId: UserId, blockedId: UserId): void {
  if (userId !== blockedId) return;
  throw new AppError('validation_failed', { issues: [{ path: 'user_id', message: 'must not be your own' }] });
}
