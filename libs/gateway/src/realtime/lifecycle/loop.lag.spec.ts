import { LoopLag } from './loop.lag';

describe('an event loop', () => {
  let now: number;
  let lag: LoopLag;
  beforeEach(() => {
    jest.useFakeTimers();
    now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    lag = new LoopLag();
    lag.onApplicationBootstrap();
  });
  afterEach(() => {
    lag.onApplicationShutdown();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Time passes, and timers run or not. */
  const pass = (ms: number, isStopped = false): void => {
    const step = isStopped ? ms : 50;
    for (let passed = 0; passed < ms; passed += step) {
      now += step;
      if (!isStopped) jest.advanceTimersByTime(step);
    }
  };

  it('is late by what timers are', () => {
    pass(500);
    expect(lag.ms).toBe(0);
    pass(300, true);
    pass(50);
    expect(lag.ms).toBe(300);
  });

  it('has stood still when it was stopped for longer than anybody waits, until what came meanwhile is read', () => {
    pass(500);
    pass(4_000, true);
    expect(lag.hasStoodStill).toBe(false);
    pass(500);
    pass(6_000, true);
    // Sockets are read before timers run.
    expect(lag.hasStoodStill).toBe(true);
    pass(500);
    expect(lag.hasStoodStill).toBe(true);
    pass(1_000);
    expect(lag.hasStoodStill).toBe(false);
  });

  it('has stood still also where a timer notices first', () => {
    pass(6_000, true);
    pass(50);
    expect(lag.hasStoodStill).toBe(true);
  });

  it('is not taken to stand still before it is watched, and after', () => {
    lag.onApplicationShutdown();
    pass(60_000, true);
    expect([lag.hasStoodStill, new LoopLag().hasStoodStill]).toEqual([false, false]);
  });
});
