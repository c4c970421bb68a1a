import { AppError } from '@parley/errors';
import { errors, jwtVerify, type JWTVerifyOptions } from 'jose';
import type { SigningKeys } from './signing.keys';
import { toUserSession } from './token.claims';
import { clockLeewayS, TokenVerifier } from './token.verifier';
import type { UserSession } from './user.session';

/** Longer tokens (in characters) are refused unread: they would hardly fit into a request's headers. */
const maxTokenLength = 8_192;

export interface ExpectedClaims {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

/**
 * Verifies JSON Web Tokens (RFC 7519) as RFC 8725 advises.
 *
 * Keys come from the configuration alone: `jku`, `x5u` and `jwk` in a token's header are never followed, and extensions
 * that a token calls critical (`crit`) are refused.
 */
export class JwtTokenVerifier extends TokenVerifier {
  private readonly options: JWTVerifyOptions;

  constructor(
    private readonly keys: SigningKeys,
    expected: ExpectedClaims = {},
  ) {
    super();
    this.options = {
      algorithms: [...keys.algorithms],
      clockTolerance: clockLeewayS,
      ...(expected.issuer === undefined ? {} : { issuer: expected.issuer }),
      ...(expected.audience === undefined ? {} : { audience: expected.audience }),
    };
  }

  override async verify(token: string): Promise<UserSession> {
    if (token.length > maxTokenLength) throw new AppError('invalid_token');
    const { payload, protectedHeader } = await this.read(token);
    if (protectedHeader.crit !== undefined) throw new AppError('invalid_token');
    return toUserSession(payload);
  }

  private async read(token: string) {
    try {
      return await jwtVerify(token, this.keys.find, this.options);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError(error instanceof errors.JWTExpired ? 'token_expired' : 'invalid_token', { cause: error });
    }
  }
}
