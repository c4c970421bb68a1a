import { SetMetadata } from '@nestjs/common';
import type { LimitType } from '@parley/config';

export const rateLimitKey = 'parley:rate-limit';

/**
 * What a handler does is limited as this, for each user.
 *
 * A REST route counts to `api` without being told; with this it counts to both, and its answers tell the state of this one.
 * A frame of a socket counts to nothing unless it says so: what is not stored is bounded for each socket already.
 */
export const RateLimited = (type: LimitType) => SetMetadata(rateLimitKey, type);
