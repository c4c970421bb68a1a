import { Logger } from '@nestjs/common';
import { type CallOptions, RpcClient } from '@parley/bus';
import { ReadAccess, type RequestOf, type ResponseOf, type Rpc, type UserAccess, type UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { maxAccessAgeMs, UserDirectory } from '../../auth/user.directory';
import type { ChatSocket } from './chat.socket';
import { SessionAccess } from './session.access';
import { SessionRegistry } from './session.registry';

class FakeUsers extends RpcClient {
  readonly access = new Map<string, UserAccess>();
  readonly asked: (readonly UserId[])[] = [];
  failures = 0;

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>, _options?: CallOptions): Promise<ResponseOf<R>> {
    expect(rpc.subject).toBe(ReadAccess.subject);
    const { userIds } = ReadAccess.request.parse(request);
    this.asked.push(userIds);
    if (this.failures-- > 0) return Promise.reject(new AppError('service_unavailable'));
    const restricted = userIds.flatMap((userId) => {
      const access = this.access.get(userId);
      return access ? [{ userId, ...access }] : [];
    });
    return Promise.resolve({ restricted } as ResponseOf<R>);
  }
}

/** A socket as far as its end goes, and what it was told at the end. */
class FakeSocket {
  readonly data: { session: { userId: UserId; issuedAt: number } };
  readonly conn = { closeWith: (...end: [code: number, reason: string]) => void (this.end = end) };
  end: readonly [code: number, reason: string] | undefined;
  told: unknown;

  constructor(userId: UserId, issuedAt: number) {
    this.data = { session: { userId, issuedAt } };
  }

  emit(_event: string, frame: unknown): void {
    this.told = frame;
  }

  disconnect(): void {}
}

const [alice, bob] = ['alice', 'bob'] as UserId[] as [UserId, UserId];
const banned: UserAccess = { isBanned: true, revokedAt: null };
let service: FakeUsers;
let sessions: SessionRegistry;
let access: SessionAccess;

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  service = new FakeUsers();
  sessions = new SessionRegistry();
  access = new SessionAccess(sessions, new UserDirectory(service));
  access.onApplicationBootstrap();
});
afterEach(() => {
  access.onApplicationShutdown();
  jest.useRealTimers();
  jest.restoreAllMocks();
});

function connect(userId: UserId, issuedAt = 1_000): FakeSocket {
  const socket = new FakeSocket(userId, issuedAt);
  sessions.add(socket as unknown as ChatSocket);
  return socket;
}

it('sends away all sockets of a banned user, and nobody else', async () => {
  const sockets = [connect(alice), connect(alice, 9_999), connect(bob)];
  service.access.set(alice, banned);
  access.changed(alice);
  await jest.advanceTimersByTimeAsync(0);
  expect(sockets.map(({ end }) => end)).toEqual([[4403, 'user_banned'], [4403, 'user_banned'], undefined]);
  expect(sockets[0]?.told).toEqual({ code: 'user_banned', message: 'This user is banned' });
});

it('sends away the sockets that hold a revoked token, and none with a newer one', async () => {
  const sockets = [connect(alice, 4_999), connect(alice, 5_000), connect(alice, 5_001)];
  service.access.set(alice, { isBanned: false, revokedAt: new Date(5_000_900).toISOString() });
  access.changed(alice);
  await jest.advanceTimersByTimeAsync(0);
  expect(sockets.map(({ end }) => end)).toEqual([[4401, 'invalid_token'], [4401, 'invalid_token'], undefined]);
});

it('believes the service and not the event: a ban may have ended before its event came', async () => {
  const socket = connect(alice);
  access.changed(alice);
  await jest.advanceTimersByTimeAsync(0);
  expect({ asked: service.asked, end: socket.end }).toEqual({ asked: [[alice]], end: undefined });
});

it('asks again while nobody answers', async () => {
  const socket = connect(alice);
  service.access.set(alice, banned);
  service.failures = 2;
  access.changed(alice);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(socket.end).toEqual([4403, 'user_banned']);
});

it('asks for nobody who has no socket here', async () => {
  access.changed(alice);
  await jest.advanceTimersByTimeAsync(0);
  expect(service.asked).toEqual([]);
});

it('looks at everybody after a disruption, many in one call', async () => {
  const sockets = Array.from({ length: 1_200 }, (_, i) => connect(`user-${i}` as UserId));
  service.access.set('user-700', banned);
  await access.compare();
  expect(service.asked.map((userIds) => userIds.length)).toEqual([500, 500, 200]);
  expect(sockets.flatMap(({ end }, i) => (end ? [i] : []))).toEqual([700]);
});

it('finds by itself what no event has told', async () => {
  const socket = connect(alice);
  service.access.set(alice, banned);
  await jest.advanceTimersByTimeAsync(maxAccessAgeMs);
  expect(socket.end).toEqual([4403, 'user_banned']);
});
