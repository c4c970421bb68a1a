import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { HealthModule } from './health.module';
import { type DetailedHealthDocument, HealthService } from './health.service';
import { Readiness } from './readiness';

describe('health', () => {
  let app: NestFastifyApplication;
  const up = { database: () => true as boolean | Promise<boolean>, cache: () => true as boolean | Promise<boolean> };

  const get = async (path: string): Promise<{ readonly code: number; readonly body: DetailedHealthDocument }> => {
    const { statusCode, body, headers } = await app.inject({ method: 'GET', url: path });
    expect(headers['cache-control']).toBe('no-store');
    return { code: statusCode, body: JSON.parse(body) as DetailedHealthDocument };
  };

  beforeEach(async () => {
    up.database = () => true;
    up.cache = () => true;
    const module = await Test.createTestingModule({
      imports: [
        HealthModule.forRoot({
          inject: [],
          indicators: () => [
            { name: 'database', needed: true, isUp: () => up.database() },
            { name: 'cache', needed: false, isUp: () => up.cache() },
          ],
        }),
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    app.get(Readiness).started();
  });
  afterEach(() => app.close());

  it('is healthy while everything is up', async () => {
    const { code, body } = await get('/health');
    expect([code, Object.keys(body), body.status]).toEqual([200, ['status', 'timestamp'], 'healthy']);
    expect(new Date(body.timestamp).toISOString()).toBe(body.timestamp);
  });

  it('is degraded, but serves, while only something unneeded is down', async () => {
    up.cache = () => false;
    expect(await get('/health')).toMatchObject({ code: 200, body: { status: 'degraded' } });
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['is down', () => false],
    [
      'throws',
      () => {
        throw new Error('refused');
      },
    ],
    ['rejects', () => Promise.reject(new Error('refused'))],
    ['never answers', () => new Promise(() => undefined)],
  ])('is unhealthy while something needed %s', async (_, isUp) => {
    up.database = isUp;
    expect(await get('/health')).toMatchObject({ code: 503, body: { status: 'unhealthy' } });
    expect(await get('/health/live')).toMatchObject({ code: 200, body: { status: 'healthy' } });
    expect(await get('/health/ready')).toMatchObject({ code: 200, body: { status: 'healthy' } });
  });

  it('tells each dependency in detail', async () => {
    up.cache = () => Promise.resolve(false);
    expect(await get('/health/detailed')).toMatchObject({
      code: 200,
      body: {
        status: 'degraded',
        ready: true,
        uptime_seconds: expect.any(Number) as number,
        checks: {
          database: { status: 'up', needed: true, duration_ms: expect.any(Number) as number },
          cache: { status: 'down', needed: false },
        },
      },
    });
  });

  it('takes indicators that modules register later', async () => {
    app.get(HealthService).register({ name: 'nats', needed: true, isUp: () => false });
    const { body } = await get('/health/detailed');
    expect(body).toMatchObject({ status: 'unhealthy', checks: { nats: { status: 'down' } } });
  });

  it('takes no traffic once it drains, and stays alive', async () => {
    app.get(Readiness).draining();
    expect(await get('/health/ready')).toMatchObject({ code: 503, body: { status: 'unhealthy' } });
    expect(await get('/health')).toMatchObject({ code: 503, body: { status: 'unhealthy' } });
    expect(await get('/health/live')).toMatchObject({ code: 200, body: { status: 'healthy' } });
  });
});

describe('a flood of health requests', () => {
  let clockMs = 0;
  let asked = 0;
  let answer: () => boolean | Promise<boolean>;
  let health: HealthService;
  const statuses = async () => Object.values((await health.examine()).checks).map(({ status }) => status);

  beforeEach(() => {
    clockMs = 0;
    asked = 0;
    answer = () => true;
    const readiness = new Readiness();
    readiness.started();
    health = new HealthService(readiness, () => clockMs);
    health.register({ name: 'nats', needed: true, isUp: () => (asked++, answer()) });
  });

  it('asks the dependencies once', async () => {
    await Promise.all([health.examine(), health.examine(), health.examine()]);
    clockMs = 999;
    await health.examine();
    expect(asked).toBe(1);
    clockMs = 1_000;
    await health.examine();
    expect(asked).toBe(2);
  });

  it('hears sooner of what was down', async () => {
    answer = () => false;
    expect(await statuses()).toEqual(['down']);
    answer = () => true;
    clockMs = 249;
    expect(await statuses()).toEqual(['down']);
    clockMs = 250;
    expect(await statuses()).toEqual(['up']);
  });

  it('never piles up questions on what does not answer', async () => {
    let say: (isUp: boolean) => void = () => undefined;
    answer = () => new Promise((resolve) => (say = resolve));
    expect(await statuses()).toEqual(['down']);
    clockMs = 1_000;
    expect(await statuses()).toEqual(['down']);
    expect(asked).toBe(1);
    say(false);
    answer = () => true;
    await new Promise(setImmediate);
    clockMs = 2_000;
    expect([await statuses(), asked]).toEqual([['up'], 2]);
  });

  it('is told at once that the process drains', async () => {
    const readiness = new Readiness();
    readiness.started();
    health = new HealthService(readiness, () => clockMs);
    expect((await health.examine()).status).toBe('healthy');
    readiness.draining();
    expect((await health.examine()).status).toBe('unhealthy');
  });
});

describe('Readiness', () => {
  it('begins with the start and ends with the drain, for good', () => {
    const readiness = new Readiness();
    expect(readiness.isReady).toBe(false);
    readiness.started();
    expect(readiness.isReady).toBe(true);
    readiness.draining();
    readiness.started();
    expect(readiness.isReady).toBe(false);
  });
});
