import { createHmac } from 'node:crypto';

const hourS = 3_600;
const digests: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

export interface TokenClaims {
  readonly sub?: unknown;
  readonly [claim: string]: unknown;
}

/** The present time in the unit of a token's claims: seconds since 1970. */
export const nowS = (): number => Math.floor(Date.now() / 1_000);

/**
 * A JSON Web Token of any claims, good or bad; `iat` is now and `exp` in an hour, unless claims say other (`undefined`
 * leaves one out).
 *
 * @param header replaces the usual header: `{ alg: 'none' }` leaves the signature out, an algorithm that is not HMAC gets
 *   one that cannot be right.
 */
export function signToken(
  claims: TokenClaims,
  secret: string,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'JWT' },
): string {
  const signed = `${encode(header)}.${encode({ iat: nowS(), exp: nowS() + hourS, ...claims })}`;
  if (header['alg'] === 'none') return `${signed}.`;
  const digest = digests[String(header['alg'])] ?? 'sha256';
  return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
