import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs texts with HMAC-SHA256, under a key that is derived from a secret for one purpose. */
export class Signer {
  private readonly key: Buffer;

  /** @param purpose what is signed for one is not valid for another. */
  constructor(secret: string, purpose: string) {
    this.key = createHmac('sha256', secret).update(purpose).digest();
  }

  /** 43 characters that a URL can hold. */
  sign(text: string): string {
    return this.digest(text).toString('base64url');
  }

  /** How long it takes does not tell how much of the signature is right. */
  isSigned(text: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    const right = this.digest(text);
    // Of several ways to write the same bytes only one counts.
    return given.length === right.length && timingSafeEqual(given, right) && given.toString('base64url') === signature;
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
