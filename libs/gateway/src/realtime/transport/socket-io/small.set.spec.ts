import { SmallSet } from './small.set';

const valuesOf = (count: number) => Array.from({ length: count }, (_, n) => `value ${n}`);

describe('a small set', () => {
  it.each([0, 1, 2, 64, 65, 200])('of %d values does what a set does', (count) => {
    const [real, small] = [new Set<string>(), new SmallSet([])];
    for (const value of valuesOf(count)) {
      real.add(value);
      small.add(value).add(value);
    }
    expect([...small]).toEqual([...real]);
    expect(small.size).toBe(real.size);
    for (const value of [...valuesOf(count), 'another']) {
      expect(small.has(value)).toBe(real.has(value));
      expect(small.delete(value)).toBe(real.delete(value));
      expect([...small]).toEqual([...real]);
    }
  });

  it.each([1, 65])('made of %d values has them', (count) => {
    expect([...new SmallSet(valuesOf(count))]).toEqual(valuesOf(count));
    expect([...new SmallSet('one')]).toEqual(['one']);
  });

  it.each([3, 100])('of %d values may lose them while it is iterated', (count) => {
    const small = new SmallSet(valuesOf(count));
    const met: string[] = [];
    small.forEach((value) => {
      met.push(value);
      small.delete(value);
    });
    expect(met).toEqual(valuesOf(count));
    expect(small.size).toBe(0);
  });
});
