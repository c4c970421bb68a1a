import { Inject, Injectable } from '@nestjs/common';
import { AuthConfig } from '@parley/config';
import { SignJWT } from 'jose';
import { secretKey } from './signing.keys';

/** How long a development token is good, in seconds. */
const lifetimeS = 24 * 3_600;

export interface DevUser {
  readonly userId: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly role?: string | undefined;
}

export interface DevToken {
  readonly token: string;
  readonly userId: string;
  readonly expiresAt: Date;
}

/** Gives out tokens to whoever asks, so that Parley can be tried without an issuer. The configuration bars it from production. */
@Injectable()
export class DevTokenIssuer {
  constructor(@Inject(AuthConfig.token) private readonly config: AuthConfig) {}

  /** Only where the deployment asked for it, and where this process holds the key that tokens are verified with. */
  get isEnabled(): boolean {
    return this.config.devIssuer && this.config.jwtSecret !== undefined && this.config.jwksUrl === undefined;
  }

  /** @throws Error where it is not enabled. */
  async issue({ userId, name, email, role }: DevUser): Promise<DevToken> {
    const { jwtSecret, issuer, audience } = this.config;
    if (!this.isEnabled || jwtSecret === undefined) throw new Error('The development issuer is not enabled');
    const issuedAtS = Math.floor(Date.now() / 1000);
    const expiresAtS = issuedAtS + lifetimeS;
    const token = new SignJWT({ name, email, role })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(userId)
      .setIssuedAt(issuedAtS)
      .setExpirationTime(expiresAtS);
    if (issuer !== undefined) token.setIssuer(issuer);
    if (audience !== undefined) token.setAudience(audience);
    return { token: await token.sign(secretKey(jwtSecret)), userId, expiresAt: new Date(expiresAtS * 1000) };
  }
}
