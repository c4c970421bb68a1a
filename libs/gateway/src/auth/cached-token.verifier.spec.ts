import type { UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { CachedTokenVerifier } from './cached-token.verifier';
import { TokenVerifier } from './token.verifier';
import type { UserSession } from './user.session';

class CountingVerifier extends TokenVerifier {
  verifications = 0;
  expiresAt = Date.now() / 1_000 + 60;

  override verify(token: string): Promise<UserSession> {
    this.verifications++;
    if (token === 'bad') return Promise.reject(new AppError('invalid_token'));
    const profile = { email: null, username: null, displayName: token, avatarUrl: null, role: 'user' };
    return Promise.resolve({ userId: token as UserId, role: 'user', profile, issuedAt: 0, expiresAt: this.expiresAt });
  }
}

describe('remembered tokens', () => {
  const inner = new CountingVerifier();
  const verifier = new CachedTokenVerifier(inner);

  beforeEach(() => {
    inner.verifications = 0;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('are verified once', async () => {
    const first = await verifier.verify('alice');
    await expect(verifier.verify('alice')).resolves.toBe(first);
    expect(inner.verifications).toBe(1);
  });

  it('are told apart', async () => {
    await expect(verifier.verify('bob')).resolves.toMatchObject({ userId: 'bob' });
    await expect(verifier.verify('carol')).resolves.toMatchObject({ userId: 'carol' });
  });

  it('are refused from the moment they expire, leeway included', async () => {
    await verifier.verify('dave');
    jest.useFakeTimers({ now: inner.expiresAt * 1_000 + 59_000 });
    await expect(verifier.verify('dave')).resolves.toMatchObject({ userId: 'dave' });
    jest.setSystemTime(inner.expiresAt * 1_000 + 60_001);
    await expect(verifier.verify('dave')).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('do not include refused ones', async () => {
    await expect(verifier.verify('bad')).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(verifier.verify('bad')).rejects.toMatchObject({ code: 'invalid_token' });
    expect(inner.verifications).toBe(2);
  });
});
