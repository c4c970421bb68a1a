import type { PresenceConfig } from '@parley/config';
import { OutagePatience } from './outage.patience';

describe('OutagePatience', () => {
  let now = 0;
  let patience: OutagePatience;
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    patience = new OutagePatience({ refreshMs: 10_000 } as PresenceConfig);
  });
  afterEach(() => jest.restoreAllMocks());

  /** Time passes, with a look at what has ended every second. */
  const pass = (ms: number) => {
    for (const until = now + ms; now < until; now += 1_000) patience.look();
  };

  it('spares leases until every gateway had the time to speak, and then no longer', () => {
    expect(patience.spareMs).toBe(patience.fullMs);
    pass(12_000);
    expect(patience.spareMs).toBe(0);
    patience.extend();
    expect(patience.spareMs).toBe(patience.fullMs);
  });

  it('spares them after the process itself stood still', () => {
    pass(20_000);
    now += 40_000;
    patience.look();
    expect(patience.spareMs).toBe(patience.fullMs);
    pass(12_000);
    expect(patience.spareMs).toBe(0);
  });
});
