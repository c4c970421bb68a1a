import { SlotMap } from './slot.map';

describe('what is under way', () => {
  it('is found by its key until it is over', () => {
    const calls = new SlotMap<string>();
    const keys = ['a', 'b', 'c'].map((call) => calls.add(call));
    expect(keys.map((key) => calls.get(key))).toEqual(['a', 'b', 'c']);
    expect([calls.delete(keys[1] ?? -1), calls.delete(keys[1] ?? -1)]).toEqual([true, false]);
    expect(keys.map((key) => calls.get(key))).toEqual(['a', undefined, 'c']);
    expect([calls.size, [...calls.values()]]).toEqual([2, ['a', 'c']]);
  });

  it('takes the places of what is over, under keys that nobody had before', () => {
    const calls = new SlotMap<number>();
    const keys = new Set<number>();
    for (let n = 0; n < 1_000; n++) {
      const key = calls.add(n);
      expect(calls.get(key)).toBe(n);
      keys.add(key);
      calls.delete(key);
    }
    expect([keys.size, calls.size]).toEqual([1_000, 0]);
    expect([...keys].every((key) => calls.get(key) === undefined)).toBe(true);
  });

  it('is found also once its place was used more often than there are keys', () => {
    const calls = new SlotMap<string>(2 ** 33 - 2);
    const stays = calls.add('stays');
    const keys = new Set<number>();
    for (let n = 0; n < 5; n++) {
      const key = calls.add('goes');
      expect([calls.get(key), calls.get(stays)]).toEqual(['goes', 'stays']);
      expect(Number.isSafeInteger(key)).toBe(true);
      expect([calls.delete(key), calls.get(key), calls.size]).toEqual([true, undefined, 1]);
      keys.add(key);
    }
    expect(keys.size).toBe(5);
    expect(calls.delete(stays)).toBe(true);
  });

  it.each([-1, 0, 7, 2 ** 20, 1.5, Number.NaN, Infinity])('is nothing under the key %d that was never given', (key) => {
    const calls = new SlotMap<string>();
    expect([calls.get(key), calls.delete(key)]).toEqual([undefined, false]);
  });
});
