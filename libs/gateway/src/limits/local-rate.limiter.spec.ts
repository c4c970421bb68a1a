import { aBucket, limiterSuite } from './limiter.suite';
import { LocalRateLimiter } from './local-rate.limiter';
import { isRefused } from './rate.limiter';

describe('a limiter in memory', () => {
  let limiter = new LocalRateLimiter();
  beforeEach(() => (limiter = new LocalRateLimiter()));

  limiterSuite(() => limiter);

  describe('by its clock', () => {
    let now = 0;
    const bucket = aBucket({ limit: 3, windowMs: 60_000 });
    /** The attempts at these moments: how each was counted, and when a place gets free. */
    const attemptAt = async (...moments: number[]): Promise<string[]> => {
      const seen: string[] = [];
      for (now of moments) {
        const attempt = await limiter.attempt([bucket]);
        seen.push(`${isRefused(attempt) ? 'refused' : 'in'}, ${attempt.count} until ${now + attempt.freesInMs}`);
      }
      return seen;
    };

    beforeEach(() => {
      now = 0;
      limiter = new LocalRateLimiter(() => now);
    });

    it('gives each place free one window after it was taken, to the millisecond', async () => {
      expect(await attemptAt(0, 50_000, 59_999, 59_999, 60_000, 60_000, 109_999, 110_000)).toEqual([
        'in, 1 until 60000',
        'in, 2 until 60000',
        'in, 3 until 60000',
        'refused, 4 until 60000',
        'in, 3 until 110000',
        'refused, 4 until 110000',
        'refused, 4 until 110000',
        'in, 3 until 119999',
      ]);
    });

    it('begins anew after a window of silence', async () => {
      expect(await attemptAt(0, 1, 2, 3, 60_002, 60_002, 60_002)).toEqual([
        'in, 1 until 60000',
        'in, 2 until 60000',
        'in, 3 until 60000',
        'refused, 4 until 60000',
        'in, 1 until 120002',
        'in, 2 until 120002',
        'in, 3 until 120002',
      ]);
    });

    it('forgets nobody who still counts, however many it forgets', async () => {
      await attemptAt(0, 100_000, 100_000, 100_000);
      now = 130_000;
      await limiter.attempt([aBucket()]);
      expect(await attemptAt(130_000)).toEqual(['refused, 4 until 160000']);
    });
  });
});
