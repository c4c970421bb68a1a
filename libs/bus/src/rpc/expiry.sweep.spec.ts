import { type Expiring, ExpirySweep, sweepMs } from './expiry.sweep';

describe('calls that nobody may wait for any longer', () => {
  const pending = new Set<Expiring>();
  const expired: Expiring[] = [];
  let sweep: ExpirySweep<Expiring>;

  beforeEach(() => {
    jest.useFakeTimers();
    pending.clear();
    expired.length = 0;
    sweep = new ExpirySweep(pending, (call) => {
      pending.delete(call);
      expired.push(call);
    });
  });
  afterEach(() => jest.useRealTimers());

  const begin = (timeoutMs: number): Expiring => {
    const call = { expiresAt: performance.now() + timeoutMs };
    pending.add(call);
    sweep.watch();
    return call;
  };

  it.each([1, 30, 2_000])('end after their time, and at most one sweep later (%i ms)', (timeoutMs) => {
    const call = begin(timeoutMs);
    jest.advanceTimersByTime(timeoutMs - 1);
    expect(expired).toEqual([]);
    jest.advanceTimersByTime(1 + sweepMs);
    expect(expired).toEqual([call]);
  });

  it('end each at its own time', () => {
    const later = begin(500);
    const sooner = begin(100);
    jest.advanceTimersByTime(100 + sweepMs);
    expect(expired).toEqual([sooner]);
    jest.advanceTimersByTime(400);
    expect(expired).toEqual([sooner, later]);
  });

  it('tell how long this process has waited, as long as it waits', () => {
    expect(sweep.waitedMs).toBe(0);
    const call = begin(60_000);
    jest.advanceTimersByTime(10 * sweepMs);
    expect(sweep.waitedMs).toBe(10 * sweepMs);
    pending.delete(call);
    jest.advanceTimersByTime(sweepMs);
    const waitedMs = sweep.waitedMs;
    jest.advanceTimersByTime(60_000);
    expect(sweep.waitedMs).toBe(waitedMs);
    begin(60_000);
    jest.advanceTimersByTime(sweepMs);
    expect(sweep.waitedMs).toBe(waitedMs + sweepMs);
  });

  it('take no timer when there are none', () => {
    pending.delete(begin(100));
    jest.advanceTimersByTime(sweepMs);
    expect(jest.getTimerCount()).toBe(0);
    begin(100);
    jest.advanceTimersByTime(100 + sweepMs);
    expect(expired).toHaveLength(1);
  });
});
