import { AppError } from '@parley/errors';
import type { SessionAccess } from '../session/session.access';
import { DisruptionRepair } from './disruption.repair';
import type { FeedRegistry } from './feed/feed.registry';
import type { MembershipComparison } from './membership/membership.comparison';

/** What is asked for, and answered when the test says so. */
class Answers {
  asked = 0;
  private open: { resolve: () => void; reject: (error: Error) => void } | undefined;

  readonly ask = (): Promise<void> => {
    this.asked++;
    return new Promise((resolve, reject) => (this.open = { resolve, reject }));
  };

  async give(error?: Error): Promise<void> {
    if (error) this.open?.reject(error);
    else this.open?.resolve();
    await jest.advanceTimersByTimeAsync(0);
  }
}

describe('DisruptionRepair', () => {
  let heads: Answers;
  let compared: string[];
  let repair: DisruptionRepair;
  const unavailable = new AppError('service_unavailable');

  beforeEach(() => {
    jest.useFakeTimers();
    heads = new Answers();
    compared = [];
    const note = (what: string) => () => {
      compared.push(what);
      return Promise.resolve();
    };
    repair = new DisruptionRepair(
      { compareHeads: heads.ask } as Partial<FeedRegistry> as FeedRegistry,
      { compare: note('memberships') } as Partial<MembershipComparison> as MembershipComparison,
      { compare: note('access') } as Partial<SessionAccess> as SessionAccess,
    );
  });
  afterEach(() => {
    repair.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('compares heads, memberships and access', () => {
    repair.begin('a test');
    expect(heads.asked).toBe(1);
    expect(compared).toEqual(['memberships', 'access']);
  });

  it('compares once more for all that is asked for meanwhile, and then rests', async () => {
    for (let disruption = 0; disruption < 9; disruption++) repair.begin('a test');
    expect(heads.asked).toBe(1);
    await heads.give();
    expect(heads.asked).toBe(2);
    await heads.give();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heads.asked).toBe(2);
    repair.begin('a later one');
    expect(heads.asked).toBe(3);
  });

  it('tries again until it could compare, in one loop however many disruptions there are', async () => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      repair.begin('a test');
      expect(heads.asked).toBe(attempt);
      await heads.give(unavailable);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(heads.asked).toBe(4);
    await heads.give();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heads.asked).toBe(4);
  });

  it('does not try again when the process is about to end', async () => {
    repair.begin('a test');
    repair.onApplicationShutdown();
    await heads.give(unavailable);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heads.asked).toBe(1);
  });
});
