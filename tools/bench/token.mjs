import { createHmac, randomBytes } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs tokens as a product's own issuer would: HS256, with the secret that the servers are started with. */
export class TokenIssuer {
  secret = randomBytes(32).toString('base64url');

  issue(userId) {
    const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;
    const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: userId, name: userId, exp: expiresAt })}`;
    return `${signed}.${createHmac('sha256', this.secret).update(signed).digest('base64url')}`;
  }
}
