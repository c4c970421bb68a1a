import { CallerClocks } from './caller.clocks';

const timeoutMs = 2_000;
/** Between two requests of a caller. */
const pauseMs = 1_000;
const startedAt = Date.parse('2026-11-20T12:00:00Z');
const tenMinutes = 600_000;

let now = startedAt;
let clocks: CallerClocks;

beforeEach(() => {
  now = startedAt;
  clocks = new CallerClocks();
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

interface Caller {
  readonly name?: string;
  /** How far its clock is ahead of this process's. */
  readonly aheadMs?: number;
  readonly clock?: number;
  /** How long its request was on its way. */
  readonly wayMs?: number;
}

/** A request that comes in after a pause. @returns the time that is left for it, in milliseconds; below 0 where it is late. */
function hear({ name = 'gateway', aheadMs = 0, clock = 0, wayMs = 1 }: Caller): number {
  now += pauseMs;
  const sentAt = now - wayMs + aheadMs;
  return sentAt + timeoutMs + clocks.aheadOf(name, { clock, sentAt }) - now;
}

it('takes the clock of a caller for its own at first: also the first request may have waited', () => {
  expect(hear({ wayMs: 10_000 })).toBe(timeoutMs - 10_000);
});

it.each([tenMinutes, -tenMinutes])(
  'judges by the caller’s clock where that is said to be another one (%i ms)',
  (aheadMs) => {
    expect(hear({ aheadMs, clock: 1 })).toBeCloseTo(timeoutMs);
    expect(hear({ aheadMs, clock: 1, wayMs: 1_500 })).toBeCloseTo(timeoutMs - 1_500, -2);
    expect(hear({ aheadMs, clock: 1, wayMs: 10_000 })).toBeLessThan(0);
  },
);

it('gives nobody more time whose clock is ahead', () => {
  expect(hear({ aheadMs: tenMinutes })).toBeCloseTo(timeoutMs);
});

it('learns the shortest way, whatever waited before', () => {
  expect(hear({ clock: 1, aheadMs: -tenMinutes, wayMs: 1_900 })).toBeCloseTo(timeoutMs);
  hear({ clock: 1, aheadMs: -tenMinutes });
  expect(hear({ clock: 1, aheadMs: -tenMinutes, wayMs: 1_900 })).toBeCloseTo(timeoutMs - 1_900, -2);
});

it('follows clocks that drift apart', () => {
  let aheadMs = -tenMinutes;
  for (let second = 0; second < 7_200; second++) {
    aheadMs -= 0.1;
    expect(hear({ clock: 1, aheadMs })).toBeGreaterThan(timeoutMs - 50);
  }
});

it('keeps callers apart', () => {
  hear({ name: 'one', clock: 1, aheadMs: -tenMinutes });
  expect(hear({ name: 'other', clock: 1, aheadMs: tenMinutes })).toBeCloseTo(timeoutMs);
  expect(hear({ name: 'one', clock: 1, aheadMs: -tenMinutes, wayMs: 5_000 })).toBeLessThan(0);
});

it('forgets callers that were not heard for longest', () => {
  hear({ name: 'heard again', clock: 1, aheadMs: -tenMinutes });
  hear({ name: 'gone', clock: 1, aheadMs: -tenMinutes });
  hear({ name: 'heard again', clock: 1, aheadMs: -tenMinutes });
  for (let number = 1; number < 1_000; number++) hear({ name: `caller ${number}` });
  const waited = (name: string) => hear({ name, clock: 1, aheadMs: -tenMinutes, wayMs: 5_000 });
  expect(waited('heard again')).toBeLessThan(0);
  expect(waited('gone')).toBeCloseTo(timeoutMs);
});
