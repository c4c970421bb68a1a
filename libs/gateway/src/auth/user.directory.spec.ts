import { type CallOptions, RpcClient } from '@parley/bus';
import { EnsureUser, type RequestOf, type ResponseOf, type Rpc, type UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { UserDirectory } from './user.directory';
import type { UserSession } from './user.session';

class FakeUsers extends RpcClient {
  readonly told: RequestOf<typeof EnsureUser>[] = [];
  isDown = false;

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>, _options?: CallOptions): Promise<ResponseOf<R>> {
    expect(rpc.subject).toBe(EnsureUser.subject);
    const { userId, profile } = EnsureUser.request.parse(request);
    this.told.push({ userId, profile });
    if (this.isDown) return Promise.reject(new AppError('service_unavailable'));
    const user = { id: userId, username: null, display_name: profile.displayName, avatar_url: null };
    const response = { user: { ...user, email: null, role: profile.role, created_at: new Date().toISOString() } };
    return Promise.resolve(response as ResponseOf<R>);
  }
}

function aSession(displayName = 'Alice', userId = 'alice'): UserSession {
  const profile = { email: null, username: null, displayName, avatarUrl: null, role: 'user' };
  return { userId: userId as UserId, role: 'user', profile, expiresAt: Date.now() / 1_000 + 60 };
}

describe('the directory of users', () => {
  let service: FakeUsers;
  let users: UserDirectory;

  beforeEach(() => {
    service = new FakeUsers();
    users = new UserDirectory(service);
  });

  it('tells the service of a user once, also when many requests come first at once', async () => {
    await Promise.all([users.ensure(aSession()), users.ensure(aSession()), users.ensure(aSession())]);
    await users.ensure(aSession());
    expect(service.told).toHaveLength(1);
  });

  it('tells it again when a token tells something new', async () => {
    await users.ensure(aSession('Alice'));
    await expect(users.ensure(aSession('Alice B.'))).resolves.toMatchObject({ display_name: 'Alice B.' });
    expect(service.told.map(({ profile }) => profile.displayName)).toEqual(['Alice', 'Alice B.']);
  });

  it('does not take one user for another', async () => {
    await users.ensure(aSession('Alice', 'alice'));
    await expect(users.ensure(aSession('Alice', 'alice2'))).resolves.toMatchObject({ id: 'alice2' });
  });

  it('asks again after the service was away', async () => {
    service.isDown = true;
    await expect(users.ensure(aSession())).rejects.toMatchObject({ code: 'service_unavailable' });
    service.isDown = false;
    await expect(users.ensure(aSession())).resolves.toMatchObject({ id: 'alice' });
  });

  it('reads the present profile when asked to, and remembers it', async () => {
    await users.ensure(aSession());
    await users.read(aSession());
    await users.ensure(aSession());
    expect(service.told).toHaveLength(2);
  });
});
