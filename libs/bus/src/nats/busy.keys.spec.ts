import { BusyKeys } from './busy.keys';

describe('keys', () => {
  let now = 0;
  let keys: BusyKeys;

  beforeEach(() => {
    now = 5_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    keys = new BusyKeys();
  });
  afterEach(() => jest.restoreAllMocks());

  it('are not busy with one call after another, and are forgotten within a second', () => {
    for (let n = 0; n < 3; n++) {
      expect(keys.begin('a')).toBe(false);
      keys.end('a');
    }
    now += 1_000;
    keys.begin('b');
    expect(keys.size).toBe(1);
  });

  it('are busy with several at once, each by itself', () => {
    keys.begin('a');
    expect(keys.begin('a')).toBe(true);
    expect(keys.begin('b')).toBe(false);
  });

  it('stay busy for a second, and are forgotten then', () => {
    keys.begin('a');
    keys.begin('a');
    keys.end('a');
    keys.end('a');
    now += 999;
    expect(keys.begin('a')).toBe(true);
    keys.end('a');
    now += 1;
    expect(keys.begin('a')).toBe(false);
    keys.end('a');
    now += 1_000;
    keys.begin('b');
    expect(keys.size).toBe(1);
  });

  it('are kept while calls are in flight', () => {
    keys.begin('a');
    now += 60_000;
    expect(keys.begin('a')).toBe(true);
  });
});
