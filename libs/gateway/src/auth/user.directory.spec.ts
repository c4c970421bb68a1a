import { type CallOptions, RpcClient } from '@parley/bus';
import {
  EnsureUser,
  ReadAccess,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  type UserAccess,
  type UserId,
  userToken,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { anOwnUser } from '@parley/testing';
import { maxAccessAgeMs, UserDirectory } from './user.directory';
import type { UserSession } from './user.session';

const unrestricted: UserAccess = { isBanned: false, revokedAt: null };
const banned: UserAccess = { isBanned: true, revokedAt: null };

class FakeUsers extends RpcClient {
  readonly told: RequestOf<typeof EnsureUser>[] = [];
  accessReads = 0;
  isDown = false;
  access = unrestricted;
  /** Set to keep answers back. */
  hold: Promise<void> | undefined;

  override async call<R extends Rpc>(rpc: R, request: RequestOf<R>, _options?: CallOptions): Promise<ResponseOf<R>> {
    const answer = this.answer(rpc.subject, request);
    await this.hold;
    return answer as ResponseOf<R>;
  }

  private answer(subject: string, request: unknown) {
    if (subject === ReadAccess.subject) this.accessReads++;
    else this.told.push(EnsureUser.request.parse(request));
    if (this.isDown) throw new AppError('service_unavailable');
    return subject === ReadAccess.subject ? this.readAccess(request) : this.ensure(request);
  }

  private ensure(request: unknown): ResponseOf<typeof EnsureUser> {
    const { userId, profile } = EnsureUser.request.parse(request);
    return { user: anOwnUser({ id: userId, display_name: profile.displayName ?? userId }), access: this.access };
  }

  private readAccess(request: unknown): ResponseOf<typeof ReadAccess> {
    const { userIds } = ReadAccess.request.parse(request);
    const isRestricted = this.access !== unrestricted;
    return { restricted: isRestricted ? userIds.map((userId) => ({ userId, ...this.access })) : [] };
  }
}

function aSession(displayName = 'Alice', userId = 'alice', issuedAt = 1_000): UserSession {
  const profile = { email: null, username: null, displayName, avatarUrl: null, role: 'user' };
  return { userId: userId as UserId, role: 'user', profile, issuedAt, expiresAt: Date.now() / 1_000 + 60 };
}

const alice = 'alice' as UserId;
let service: FakeUsers;
let users: UserDirectory;

beforeEach(() => {
  service = new FakeUsers();
  users = new UserDirectory(service);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Stops the clock that the cache reads. @returns what moves it on. */
function holdTime(): (ms: number) => void {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  let nowMs = performance.now();
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return (ms) => {
    nowMs += ms;
    jest.advanceTimersByTime(ms);
  };
}

describe('the profile', () => {
  it('is asked of the service once, also when many requests come first at once', async () => {
    await Promise.all([users.ensure(aSession()), users.ensure(aSession()), users.ensure(aSession())]);
    await users.ensure(aSession());
    expect(service.told).toHaveLength(1);
    expect(service.accessReads).toBe(0);
  });

  it('is told with the age of the token, where that says when it was issued; none is of the future', async () => {
    jest.useFakeTimers({ now: 5_000_900 });
    for (const issuedAt of [1_000, 0, -7, 9_999_999_999_999]) await users.read(aSession('Alice', 'alice', issuedAt));
    expect(service.told.map(({ issuedAt }) => issuedAt)).toEqual([1_000, undefined, undefined, 5_000]);
  });

  it('is told again when a token tells something new', async () => {
    await users.ensure(aSession('Alice'));
    await expect(users.ensure(aSession('Alice B.'))).resolves.toMatchObject({ display_name: 'Alice B.' });
    expect(service.told.map(({ profile }) => profile.displayName)).toEqual(['Alice', 'Alice B.']);
  });

  it('is not taken for that of another user', async () => {
    await users.ensure(aSession('Alice', 'alice'));
    await expect(users.ensure(aSession('Alice', 'alice2'))).resolves.toMatchObject({ id: 'alice2' });
  });

  it('is asked for again after the service was away', async () => {
    service.isDown = true;
    await expect(users.ensure(aSession())).rejects.toMatchObject({ code: 'service_unavailable' });
    service.isDown = false;
    await expect(users.ensure(aSession())).resolves.toMatchObject({ id: 'alice' });
  });

  it('is read as it is now when asked to, and remembered', async () => {
    await users.ensure(aSession());
    await users.read(aSession());
    await users.ensure(aSession());
    expect(service.told).toHaveLength(2);
  });

  it('is what the user has made of it', async () => {
    await users.ensure(aSession());
    users.changed(aSession(), anOwnUser({ display_name: 'Chosen' }));
    await expect(users.ensure(aSession())).resolves.toMatchObject({ display_name: 'Chosen' });
  });
});

describe('access', () => {
  it('is refused to a banned user, whatever the token, and is not asked for at each request', async () => {
    service.access = banned;
    for (const session of [aSession(), aSession(), aSession()]) {
      await expect(users.ensure(session)).rejects.toMatchObject({ code: 'user_banned' });
    }
    await expect(users.ensure(aSession('Alice', 'alice', 9_999))).rejects.toMatchObject({ code: 'user_banned' });
    expect(service.told).toHaveLength(1);
  });

  it('is refused to revoked tokens, and to no newer one', async () => {
    service.access = { isBanned: false, revokedAt: new Date(5_000_400).toISOString() };
    await expect(users.ensure(aSession('Alice', 'alice', 5_000))).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(users.ensure(aSession('Alice', 'alice', 5_001))).resolves.toMatchObject({ id: 'alice' });
  });

  it('is asked for anew once it is said to have changed', async () => {
    await users.ensure(aSession());
    service.access = banned;
    await expect(users.ensure(aSession())).resolves.toBeDefined();
    users.forget(alice);
    await expect(users.ensure(aSession())).rejects.toMatchObject({ code: 'user_banned' });
    service.access = unrestricted;
    users.forgetAll();
    await expect(users.ensure(aSession())).resolves.toBeDefined();
    expect({ told: service.told.length, reads: service.accessReads }).toEqual({ told: 1, reads: 2 });
  });

  it('is not remembered from an answer that a change has overtaken', async () => {
    let release: () => void = () => undefined;
    service.hold = new Promise((resolve) => (release = resolve));
    const asking = users.ensure(aSession());
    service.access = banned;
    users.forget(alice);
    release();
    await asking;
    await expect(users.ensure(aSession())).rejects.toMatchObject({ code: 'user_banned' });
  });

  it('is asked for anew when it is old, for a change that nobody heard of', async () => {
    const pass = holdTime();
    await users.ensure(aSession());
    service.access = banned;
    pass(maxAccessAgeMs - 1);
    await expect(users.ensure(aSession())).resolves.toBeDefined();
    pass(2);
    await expect(users.ensure(aSession())).rejects.toMatchObject({ code: 'user_banned' });
    expect({ told: service.told.length, reads: service.accessReads }).toEqual({ told: 1, reads: 1 });
  });

  it('is judged by what is true now where that is asked for', async () => {
    await users.ensure(aSession());
    service.access = banned;
    await expect(users.admit(aSession())).rejects.toMatchObject({ code: 'user_banned' });
  });

  it('concerns those of whom something is known', async () => {
    expect(users.knows(userToken(alice))).toBe(false);
    const asking = users.ensure(aSession());
    expect(users.knows(userToken(alice))).toBe(true);
    await asking;
    users.forget(alice);
    expect(users.knows(userToken(alice))).toBe(false);
  });
});
