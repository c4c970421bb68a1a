import { RecentKeys } from './recent.keys';

describe('what was said of keys lately', () => {
  let keys: RecentKeys<number>;
  beforeEach(() => {
    keys = new RecentKeys(3);
  });

  const fill = (from: number, to: number): void => {
    for (let n = from; n <= to; n++) keys.set(`key ${n}`, n);
  };
  const known = (from: number, to: number): number[] => {
    const found: number[] = [];
    for (let n = from; n <= to; n++) if (keys.get(`key ${n}`) === n) found.push(n);
    return found;
  };

  it('is known while as many others come', () => {
    fill(1, 4);
    expect(known(1, 4)).toEqual([1, 2, 3, 4]);
  });

  it('is forgotten when twice as many have come', () => {
    fill(1, 7);
    expect(known(1, 7)).toEqual([4, 5, 6, 7]);
  });

  it('is what was said last', () => {
    fill(1, 3);
    keys.set('key 1', 10);
    expect(keys.get('key 1')).toBe(10);
  });

  it('can be taken back, in either generation', () => {
    fill(1, 4);
    keys.delete('key 1');
    keys.delete('key 4');
    expect(known(1, 4)).toEqual([2, 3]);
  });
});
