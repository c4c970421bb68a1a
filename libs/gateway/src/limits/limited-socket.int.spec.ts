import type { AddressInfo } from 'node:net';
import { Logger, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ConfigModule, LimitsConfig, RealtimeConfig } from '@parley/config';
import type { UserId } from '@parley/contracts';
import { HealthModule, Readiness } from '@parley/observability';
import { type ChatClient, ConnectionClosed, plainClient, socketIoClient } from '@parley/testing';
import { z } from 'zod';
import { TokenVerifier } from '../auth/token.verifier';
import { UserDirectory } from '../auth/user.directory';
import type { UserSession } from '../auth/user.session';
import { ChatSocket } from '../realtime/inbound/chat-socket.decorator';
import { OnFrame } from '../realtime/inbound/frame.handler';
import { FrameLimits } from '../realtime/inbound/frame.limits';
import { FeedRegistry } from '../realtime/outbound/feed/feed.registry';
import { LoopLag } from '../realtime/lifecycle/loop.lag';
import { SessionAdmission } from '../realtime/lifecycle/session.admission';
import { SessionCapacity } from '../realtime/lifecycle/session.capacity';
import { SessionGateway } from '../realtime/lifecycle/session.gateway';
import { SessionOpener } from '../realtime/lifecycle/session.opener';
import { type LocalSession, SessionRegistry } from '../realtime/session/session.registry';
import { SocketServer } from '../realtime/session/socket.server';
import { RealtimeAdapter } from '../realtime/transport/realtime.adapter';
import { limits as bounds } from '../realtime/transport/transport.scene';
import { LimitsModule } from './limits.module';
import { LocalRateLimiter } from './local-rate.limiter';
import { type Attempt, type Bucket, RateLimiter } from './rate.limiter';
import { RateLimited } from './rate-limited.decorator';

const handled: string[] = [];
const Named = z.object({ name: z.string() });

@ChatSocket()
class TestSocket {
  @RateLimited('message_send')
  @OnFrame('limited', Named)
  limited({ name }: z.infer<typeof Named>) {
    handled.push(name);
  }

  @OnFrame('free', Named)
  free({ name }: z.infer<typeof Named>) {
    handled.push(name);
  }
}

/** The token is the user's id and role. */
const tokens: TokenVerifier = {
  verify: async (token) => {
    const [userId, role = 'user'] = token.split('-');
    return { userId: userId as UserId, role, expiresAt: Infinity } as UserSession;
  },
};

/** Counts in memory; attempts can be held back, as those are that wait for a Redis. */
class TestLimiter extends RateLimiter {
  held: Promise<void> | undefined;
  private readonly limiter = new LocalRateLimiter();

  override async attempt(buckets: readonly Bucket[]): Promise<Attempt> {
    const { held } = this;
    this.held = undefined;
    await held;
    return this.limiter.attempt(buckets);
  }
}

const opener = { open: async ({ socket }: LocalSession) => void socket.emit('session', {} as never) };

@Module({
  imports: [LimitsModule],
  providers: [
    TestSocket,
    SessionGateway,
    LoopLag,
    SessionCapacity,
    SessionAdmission,
    SessionRegistry,
    SocketServer,
    FrameLimits,
    { provide: SessionOpener, useValue: opener },
    { provide: FeedRegistry, useValue: new Map() },
    { provide: TokenVerifier, useValue: tokens },
    { provide: UserDirectory, useValue: { admit: async () => undefined } },
  ],
})
class TestModule {}

describe.each([
  ['a plain WebSocket', plainClient],
  ['Socket.IO', socketIoClient],
] as const)('limits over %s', (_, connect) => {
  let app: NestFastifyApplication;
  let limiter: TestLimiter;
  let url: string;
  const clients: ChatClient[] = [];

  const online = async (token: string): Promise<ChatClient> => {
    const client = connect(url, token);
    clients.push(client);
    await client.session;
    return client;
  };
  const say = (client: ChatClient, event = 'limited', name = '') => client.emitWithAck(event, { name });

  beforeEach(async () => {
    handled.length = 0;
    Logger.overrideLogger(false);
    limiter = new TestLimiter();
    const env = { RATE_LIMIT_MESSAGES: '2', WS_MAX_LOOP_LAG_MS: '60000' };
    const module = await Test.createTestingModule({
      imports: [ConfigModule.forRoot([LimitsConfig, RealtimeConfig], env), HealthModule.forRoot(), TestModule],
    })
      .overrideProvider(RateLimiter)
      .useValue(limiter)
      .compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useWebSocketAdapter(new RealtimeAdapter(app, { realtime: bounds, http: { corsOrigins: [] } }));
    await app.listen(0, '127.0.0.1');
    app.get(Readiness).started();
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await app.close();
  });

  it('refuse a frame that comes too often, with all that a client needs to come back in time', async () => {
    const alice = await online('alice');
    expect([await say(alice), await say(alice)]).toEqual([
      { ok: true, data: {} },
      { ok: true, data: {} },
    ]);
    expect(await say(alice)).toEqual({
      ok: false,
      error: {
        error: 'Rate limit exceeded',
        message: 'Too many message_send requests',
        rate_limit_info: {
          limit_type: 'message_send',
          current_count: 3,
          limit: 2,
          window: 60,
          reset_time: expect.any(Number),
          remaining: 0,
        },
        retry_after: expect.any(Number),
        type: 'urn:parley:error:rate_limited',
        title: 'Rate limited',
        status: 429,
        detail: 'Too many message_send requests',
        code: 'rate_limited',
        retryable: true,
        request_id: expect.any(String),
      },
    });
    expect(handled).toHaveLength(2);
  });

  it('tell who asked for no answer by an error event', async () => {
    const alice = await online('alice');
    for (let n = 0; n < 3; n++) alice.emit('limited', { name: '' });
    const error = { message: 'Too many message_send requests', code: 'rate_limited', event: 'limited' };
    expect(await alice.nextEvent('error')).toEqual(error);
  });

  it('count all sockets of a user together, and other users apart', async () => {
    const [phone, laptop, bob] = [await online('alice'), await online('alice'), await online('bob')];
    expect(await say(phone)).toMatchObject({ ok: true });
    expect(await say(laptop)).toMatchObject({ ok: true });
    expect(await say(phone)).toMatchObject({ ok: false });
    expect(await say(bob)).toMatchObject({ ok: true });
  });

  it('leave frames alone that say nothing of a limit', async () => {
    const alice = await online('alice');
    for (let n = 0; n < 3; n++) await say(alice);
    const answers = await Promise.all(Array.from({ length: 50 }, () => say(alice, 'free')));
    expect(answers.every(({ ok }) => ok)).toBe(true);
  });

  it('keep the frames of a socket in order, however long one waits to be counted', async () => {
    const alice = await online('alice');
    const bob = await online('bob');
    let release: () => void = () => undefined;
    limiter.held = new Promise((resolve) => (release = resolve));
    const answers = [
      say(alice, 'limited', 'first'),
      say(alice, 'limited', 'second'),
      say(alice, 'free', 'third'),
      say(alice, 'limited', 'refused'),
      say(alice, 'free', 'fourth'),
    ];
    await say(bob, 'free', 'another’s');
    expect(handled).toEqual(['another’s']);
    release();
    expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
    expect(handled).toEqual(['another’s', 'first', 'second', 'third', 'fourth']);
  });

  it('refuse a socket of a user who connects too often, and of nobody else', async () => {
    for (let n = 0; n < 10; n++) (await online('alice')).close();
    const refused = connect(url, 'alice');
    await expect(refused.session).rejects.toThrow(ConnectionClosed);
    const { code, problem } = await refused.closed;
    if (refused.transport === 'plain') {
      expect(code).toBe(4429);
      const error = { message: 'Too many ws_connect requests', code: 'rate_limited', retryable: true };
      expect(await refused.nextEvent('error')).toEqual({ ...error, retry_after: expect.any(Number) });
    } else {
      expect(problem).toMatchObject({
        status: 429,
        code: 'rate_limited',
        error: 'Rate limit exceeded',
        rate_limit_info: { limit_type: 'ws_connect', current_count: 11, limit: 10, window: 60, remaining: 0 },
        retry_after: expect.any(Number),
      });
    }
    await online('bob');
  });
});
