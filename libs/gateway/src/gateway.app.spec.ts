import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BusModule, BusServer } from '@parley/bus';
import { AuthConfig, ConfigModule, HttpConfig, loadConfig, RealtimeConfig } from '@parley/config';
import { type DetailedHealthDocument, HealthModule, Readiness } from '@parley/observability';
import { RestClient } from '@parley/testing';
import { createGatewayApp, drainGateway } from './gateway.app';
import { GatewayModule } from './gateway.module';
import { FakeMessaging } from './http/fake-messaging.suite';

class GatewayRoot {}

describe('a gateway', () => {
  let app: NestFastifyApplication;
  let rest: RestClient;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    const env = { JWT_SECRET: 'a secret of this spec that has more than thirty-two bytes', DRAIN_SECONDS: '0' };
    const imports = [
      ConfigModule.forRoot([AuthConfig, HttpConfig, RealtimeConfig], env),
      BusModule.inProcess({ roundTrip: true }),
      HealthModule.forRoot(),
      GatewayModule,
    ];
    const root = { module: GatewayRoot, imports, controllers: [FakeMessaging] };
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
    expect(body).toMatchObject({ status: 'healthy', checks: { bus: { status: 'up' }, messaging: { status: 'up' } } });
  });

  it('is unhealthy, but ready, while nobody answers for messages', async () => {
    app.get(Readiness).started();
    app.get(FakeMessaging).failNext('messaging.sync.read_epoch', 'service_unavailable');
    expect((await rest.get('/health')).status).toBe(503);
    expect((await rest.get('/health/ready')).status).toBe(200);
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
});
