import { createHash } from 'node:crypto';
import { AppError } from '@parley/errors';
import { LRUCache } from 'lru-cache';
import { clockLeewayS, TokenVerifier } from './token.verifier';
import type { UserSession } from './user.session';

const maxTokens = 20_000;

/** How long a withdrawn key's tokens may live on here, in milliseconds. */
const maxAgeMs = 300_000;

/**
 * Remembers what tokens stood for: a signature costs tens of microseconds at every request, a hash about one.
 *
 * Tokens are kept as SHA-256 only, so that a heap dump gives none away. A remembered token is refused from the moment it
 * expires; refusals are not remembered.
 */
export class CachedTokenVerifier extends TokenVerifier {
  private readonly sessions = new LRUCache<string, UserSession>({ max: maxTokens, ttl: maxAgeMs });

  constructor(private readonly verifier: TokenVerifier) {
    super();
  }

  override async verify(token: string): Promise<UserSession> {
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.sessions.get(digest);
    if (known === undefined) return this.verifyAnew(token, digest);
    if (known.expiresAt + clockLeewayS > Date.now() / 1000) return known;
    this.sessions.delete(digest);
    throw new AppError('token_expired');
  }

  private async verifyAnew(token: string, digest: string): Promise<UserSession> {
    const session = await this.verifier.verify(token);
    this.sessions.set(digest, session);
    return session;
  }
}
