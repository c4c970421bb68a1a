import type { UserSession } from './user.session';

/** How far the clocks of issuers and of this server may be apart, in seconds: `exp` and `nbf` are read with this leeway. */
export const clockLeewayS = 60;

/** Tells whom a token stands for. */
export abstract class TokenVerifier {
  /**
   * @throws AppError `invalid_token`, `token_expired`, or `service_unavailable` when the issuer's keys cannot be fetched.
   */
  abstract verify(token: string): Promise<UserSession>;
}
