import { AppError } from '@parley/errors';
import { limits } from '../transport/transport.scene';
import { SessionCapacity } from './session.capacity';

const open = { conn: { readyState: 'open' } } as never;
const pass = () => Promise.resolve();

function aCapacity(config: Partial<typeof limits>, present = { count: 0 }, lag = { ms: 0 }) {
  return new SessionCapacity({ ...limits, ...config }, present as never, lag as never);
}

const refusalOf = async (entering: Promise<void>): Promise<AppError> =>
  AppError.from(await entering.then(() => new Error('let in')).catch((error: unknown) => error));

describe('a gateway', () => {
  it('takes so many sockets, those that are being let in counted', async () => {
    const present = { count: 8 };
    const capacity = aCapacity({ maxConnections: 10 }, present);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const entering = [capacity.enter(open, () => held), capacity.enter(open, () => held)];
    expect((await refusalOf(capacity.enter(open, pass))).code).toBe('service_unavailable');
    release();
    await Promise.all(entering);
    await capacity.enter(open, pass);
    present.count = 10;
    expect((await refusalOf(capacity.enter(open, pass))).code).toBe('service_unavailable');
  });

  it('takes none while its event loop is late', async () => {
    const lag = { ms: 501 };
    const capacity = aCapacity({ maxLoopLagMs: 500 }, { count: 0 }, lag);
    expect((await refusalOf(capacity.enter(open, pass))).code).toBe('service_unavailable');
    lag.ms = 500;
    await capacity.enter(open, pass);
  });

  it('tells each that it turns away another time to come back', async () => {
    const capacity = aCapacity({ maxConnections: 1 }, { count: 1 });
    const refusals = await Promise.all(Array.from({ length: 100 }, () => refusalOf(capacity.enter(open, pass))));
    const times = refusals.map(({ retryAfterMs = 0 }) => retryAfterMs);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_000);
    for (const { extension, retryAfterMs } of refusals)
      expect(extension).toMatchObject({ reconnect_after_ms: retryAfterMs });
  });

  it('turns away whom it has no place to wait for', async () => {
    const capacity = aCapacity({ maxOpening: 1, maxWaiting: 1 });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const entering = [capacity.enter(open, () => held), capacity.enter(open, pass)];
    expect(await refusalOf(capacity.enter(open, pass))).toMatchObject({ code: 'service_unavailable' });
    release();
    await Promise.all(entering);
  });

  it('passes on why a socket may not come in', async () => {
    const refused = aCapacity({}).enter(open, () => Promise.reject(new AppError('invalid_token')));
    expect((await refusalOf(refused)).code).toBe('invalid_token');
  });
});
