import { createSecretKey, type KeyObject } from 'node:crypto';
import type { AuthConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** Where the keys that verify tokens come from, and which algorithms that kind of key may be used with. */
export interface SigningKeys {
  /** Pinned to the key's kind: a public key must never be taken for an HMAC secret (RFC 8725, section 3.1). */
  readonly algorithms: readonly string[];
  /**
   * The key for a token with this header.
   *
   * @throws AppError `service_unavailable` when the keys cannot be fetched; an error of jose when there is no such key.
   */
  readonly find: JWTVerifyGetKey;
}

/** The HS256 key of a secret. A KeyObject, because a string would be imported anew at every verification. */
export function secretKey(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret));
}

function sharedSecret(secret: string): SigningKeys {
  const key = Promise.resolve(secretKey(secret));
  return { algorithms: ['HS256'], find: () => key };
}

/** Keys are fetched again at least every 10 minutes (one may be withdrawn), for an unknown `kid` at most every 5 s. */
function remoteKeySet(url: string): SigningKeys {
  const keySet = createRemoteJWKSet(new URL(url), {
    timeoutDuration: 5_000,
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
  });
  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keySet(header, token);
    } catch (error) {
      throw isAboutToken(error) ? error : new AppError('service_unavailable', { cause: error });
    }
  };
  return { algorithms: ['RS256', 'ES256', 'EdDSA'], find };
}

/** Whether it is the token that names no key of the set; else the set could not be had. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** @throws Error when the configuration names neither kind of key. */
export function signingKeysOf(config: Pick<AuthConfig, 'jwksUrl' | 'jwtSecret'>): SigningKeys {
  if (config.jwksUrl !== undefined) return remoteKeySet(config.jwksUrl);
  if (config.jwtSecret !== undefined) return sharedSecret(config.jwtSecret);
  throw new Error('Tokens cannot be verified: neither a secret nor a JWKS URL is configured');
}
