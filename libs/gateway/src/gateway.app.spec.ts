import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Controller, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BusModule, BusServer, RpcHandler } from '@parley/bus';
import {
  AuthConfig,
  ConfigModule,
  HttpConfig,
  LimitsConfig,
  loadConfig,
  PresenceConfig,
  RealtimeConfig,
} from '@parley/config';
import { ReadStatuses } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { type DetailedHealthDocument, HealthModule, Readiness } from '@parley/observability';
import { RestClient } from '@parley/testing';
import { createGatewayApp, drainGateway } from './gateway.app';
import { GatewayModule } from './gateway.module';
import { FakeMessaging } from './http/testing/messaging.fake';

class GatewayRoot {}

@Controller()
class FakePresence {
  isAway = false;

  @RpcHandler(ReadStatuses)
  read() {
    if (this.isAway) throw new AppError('service_unavailable');
    return { statuses: [], isComplete: true };
  }
}

describe('a gateway', () => {
  let app: NestFastifyApplication;
  let rest: RestClient;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    const env = { JWT_SECRET: 'a secret of this spec that has more than thirty-two bytes', DRAIN_SECONDS: '0' };
    const imports = [
      ConfigModule.forRoot([AuthConfig, HttpConfig, LimitsConfig, PresenceConfig, RealtimeConfig], env),
      BusModule.inProcess({ roundTrip: true }),
      HealthModule.forRoot(),
      GatewayModule,
    ];
    const root = { module: GatewayRoot, imports, controllers: [FakeMessaging, FakePresence] };
    app = await createGatewayApp(root, loadConfig([HttpConfig], env).http);
    app.connectMicroservice({ strategy: app.get(BusServer) });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    rest = new RestClient(await app.getUrl());
  });
  afterEach(() => app.close());

  it('is healthy, to anybody who asks, once it was started and messages can be sent', async () => {
    expect((await rest.get('/health')).status).toBe(503);
    app.get(Readiness).started();
    const { status, body } = await rest.get<DetailedHealthDocument>('/health/detailed');
    expect(status).toBe(200);
    const up = (needed: boolean) => ({ status: 'up', needed, duration_ms: expect.any(Number) as number });
    expect(body.status).toBe('healthy');
    expect(body.checks).toMatchObject({
      bus: up(true),
      messaging: up(true),
      postgres: up(true),
      presence: up(false),
      media: up(false),
    });
  });

  /** A bad answer holds for a moment, for all who ask. */
  const becomes = async (wanted: string): Promise<DetailedHealthDocument> => {
    for (;;) {
      const { body } = await rest.get<DetailedHealthDocument>('/health/detailed');
      if (body.status === wanted) return body;
    }
  };

  it('is unhealthy, but ready, while nobody answers for messages', async () => {
    app.get(Readiness).started();
    app.get(FakeMessaging).failNext('messaging.health.probe_storage', 'service_unavailable');
    const { body, status } = await rest.get<DetailedHealthDocument>('/health/detailed');
    expect([status, body.checks['messaging']?.status]).toEqual([503, 'down']);
    expect((await rest.get('/health/ready')).status).toBe(200);
    await becomes('healthy');
  });

  it('is unhealthy while nothing can be stored, though somebody answers', async () => {
    app.get(Readiness).started();
    app.get(FakeMessaging).takesWrites = false;
    const { checks } = await becomes('unhealthy');
    expect([checks['messaging']?.status, checks['postgres']?.status]).toEqual(['up', 'down']);
    expect((await rest.get('/health')).status).toBe(503);
  });

  it('is degraded, and serves, while presence is away', async () => {
    app.get(Readiness).started();
    app.get(FakePresence).isAway = true;
    await becomes('degraded');
    expect((await rest.get('/health')).status).toBe(200);
  });

  it('stops being ready before it closes', async () => {
    const readiness = app.get(Readiness);
    readiness.started();
    const drained = drainGateway(app);
    expect(readiness.isReady).toBe(false);
    await drained;
    await expect(rest.get('/health/live')).rejects.toThrow();
  });

  it('answers what is in flight, and waits for no connection that has nothing to say', async () => {
    const server = app.getHttpServer();
    const { port } = server.address() as AddressInfo;
    const [silent, busy] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    const ends = [silent, busy].map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    );
    const arrived = once(server, 'request');
    busy.write(
      'POST /api/conversations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{',
    );
    await arrived;
    const drained = drainGateway(app);
    await new Promise(setImmediate);
    const answer = once(busy, 'data');
    busy.write('}');
    expect(String(await answer)).toMatch(/^HTTP\/1.1 401 .*\r\nconnection: close\r\n/s);
    await Promise.all([...ends, drained]);
  });
});
