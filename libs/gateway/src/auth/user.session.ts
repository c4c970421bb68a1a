import type { TokenProfile, UserId } from '@parley/contracts';

/** Who asks, as a verified token tells it. */
export interface UserSession {
  readonly userId: UserId;
  /** The user's role in the product (`admin` grants administration), not in a conversation. */
  readonly role: string;
  readonly profile: TokenProfile;
  /** When the token was issued, in whole seconds since 1970; 0 where it does not say. */
  readonly issuedAt: number;
  /** When the token stops being good, in seconds since 1970, without leeway. */
  readonly expiresAt: number;
}
