import { FloodGuard } from './flood.guard';

describe('a flood guard', () => {
  let now = 0;
  const guard = () => new FloodGuard({ burst: 100, perSecond: 1_000 }, () => now);
  const take = (from: FloodGuard, frames: number) => Array.from({ length: frames }, () => from.take());

  beforeEach(() => (now = 0));

  it('lets a burst pass', () => {
    expect(take(guard(), 100)).toEqual(Array.from({ length: 100 }, () => 0));
  });

  it('asks for a pause that pays what came too much', () => {
    const flooded = guard();
    take(flooded, 299);
    expect(flooded.take()).toBe(200);
    now += 200;
    expect(flooded.take()).toBeGreaterThan(0);
    now += 60;
    expect(flooded.take()).toBe(0);
  });

  it('lets the steady rate pass for ever', () => {
    const steady = guard();
    take(steady, 100);
    for (let second = 0; second < 60; second++) {
      now += 100;
      expect(take(steady, 100)).toEqual(Array.from({ length: 100 }, () => 0));
    }
  });

  it('saves no more than a burst', () => {
    const rested = guard();
    take(rested, 100);
    now += 3_600_000;
    expect(take(rested, 101).map((ms) => ms > 0)).toEqual([...Array.from({ length: 100 }, () => false), true]);
  });
});
