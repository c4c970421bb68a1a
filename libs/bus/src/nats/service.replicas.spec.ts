import { ServiceReplicas } from './service.replicas';

const keys = Array.from({ length: 3_000 }, (_, n) => String(1_000_000 + n));

describe('the replicas of a service', () => {
  let now = 0;
  let replicas: ServiceReplicas;

  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    replicas = new ServiceReplicas();
  });
  afterEach(() => jest.restoreAllMocks());

  /** In a process that has waited for answers all the time. */
  const next = (key: string | undefined): string | undefined => replicas.next(key, now);

  /** Each at the load that is told, in percent. */
  const hear = (loads: Readonly<Record<string, number>>): void => {
    for (const [name, load] of Object.entries(loads)) replicas.heard(name, load);
  };
  const choices = (): (string | undefined)[] => keys.map(next);
  /** Who gets calls, with and without a key. */
  const asked = (): Set<string | undefined> => new Set([next(undefined), ...choices()]);
  /** The one that gets all calls. */
  const onlyOne = (): string | undefined => {
    const all = [...asked()];
    expect(all).toHaveLength(1);
    return all[0];
  };
  const passTime = (milliseconds: number): void => {
    now += milliseconds;
    // A call each second looks around: not one of those that are looked at here.
    next(undefined);
  };

  it('are none before one is heard', () => {
    expect(next('1')).toBeUndefined();
  });

  it('are any once a second, so that new ones are heard of', () => {
    hear({ a: 0 });
    expect(next('1')).toBe('a');
    now = 1_000;
    expect(next('1')).toBeUndefined();
    hear({ a: 0 });
    expect(next('1')).toBe('a');
  });

  it('are any when all are lost', () => {
    hear({ a: 0 });
    replicas.lost('a');
    expect(next('1')).toBeUndefined();
  });

  describe('while one can do what is to be done', () => {
    it('leave it all to the same one wherever they are known, in whichever order they were heard', () => {
      hear({ a: 20, b: 70, c: 0 });
      const first = onlyOne();
      expect(['a', 'b', 'c']).toContain(first);
      replicas = new ServiceReplicas();
      hear({ c: 0, b: 0, a: 0 });
      expect(onlyOne()).toBe(first);
    });

    it('leave it to another one when that is lost, and to the first one again when it is back', () => {
      hear({ a: 0, b: 0, c: 0 });
      const first = onlyOne() ?? '';
      replicas.lost(first);
      const second = onlyOne();
      expect(second).not.toBe(first);
      expect(second).toBeDefined();
      hear({ [first]: 0 });
      expect(onlyOne()).toBe(first);
    });

    it('leave it to another one while that has said nothing for 100 ms, though it was asked', () => {
      hear({ a: 0, b: 0 });
      now = 500;
      const first = onlyOne() ?? '';
      now = 600;
      expect(onlyOne()).toBe(first);
      now = 601;
      const second = onlyOne() ?? '';
      expect(new Set([first, second])).toEqual(new Set(['a', 'b']));
      hear({ [first]: 0 });
      expect(onlyOne()).toBe(first);
    });

    it('leave it to the same one after time in which no answer could be read', () => {
      hear({ a: 0, b: 0 });
      const first = replicas.next(undefined, 40);
      now = 900;
      expect(replicas.next(undefined, 60)).toBe(first);
      expect(replicas.next(undefined, 140)).toBe(first);
      expect(replicas.next(undefined, 141)).not.toBe(first);
    });

    it('wait for who answers as long as it answers', () => {
      hear({ a: 0, b: 0 });
      const first = onlyOne() ?? '';
      for (now = 90; now < 1_000; now += 90) {
        hear({ [first]: 0 });
        expect(next(undefined)).toBe(first);
      }
    });

    it('are any when all are silent', () => {
      hear({ a: 0, b: 0 });
      onlyOne();
      now = 101;
      onlyOne();
      now = 202;
      expect(onlyOne()).toBeUndefined();
    });
  });

  describe('once one is full', () => {
    beforeEach(() => hear({ a: 10, b: 71, c: 10 }));

    const share = (name: string): number => choices().filter((chosen) => chosen === name).length / keys.length;

    it('share what has no busy key as they come to it', () => {
      expect(next(undefined)).toBeUndefined();
    });

    it('share the keys evenly', () => {
      for (const name of ['a', 'b', 'c']) expect(Math.abs(share(name) - 1 / 3)).toBeLessThan(0.05);
    });

    it('get the same keys wherever they are known, in whichever order they were heard', () => {
      const before = choices();
      replicas = new ServiceReplicas();
      hear({ c: 71, a: 50, b: 60 });
      expect(choices()).toEqual(before);
    });

    it('leave only the keys of the one that is lost to the others, and get them back', () => {
      const before = choices();
      replicas.lost('b');
      const without = choices();
      expect(without).not.toContain('b');
      keys.forEach((_, i) => before[i] === 'b' || expect(without[i]).toBe(before[i]));
      hear({ b: 71 });
      expect(choices()).toEqual(before);
    });

    it('leave the keys of the one that is silent to the others, until it answers', () => {
      const before = choices();
      now = 101;
      hear({ a: 40, c: 40 });
      const without = choices();
      expect(without).not.toContain('b');
      keys.forEach((_, i) => before[i] === 'b' || expect(without[i]).toBe(before[i]));
      hear({ b: 71 });
      expect(choices()).toEqual(before);
    });

    it('share until one could do what all of them do', () => {
      hear({ a: 35, b: 36, c: 0 });
      expect(asked()).toEqual(new Set(['a', 'b', 'c', undefined]));
      hear({ b: 35 });
      expect(onlyOne()).toBeDefined();
    });

    it('do not count what was told more than two seconds ago', () => {
      hear({ a: 40, b: 40, c: 0 });
      passTime(1_999);
      hear({ c: 20 });
      expect(next(undefined)).toBeUndefined();
      now += 1;
      hear({ c: 20 });
      expect(onlyOne()).toBeDefined();
    });
  });

  it('forget who was not heard for a minute', () => {
    hear({ a: 71, b: 0 });
    for (now = 0; now < 59_999; now += 500) hear({ b: 71 });
    now = 59_999;
    passTime(0);
    expect(asked()).toEqual(new Set(['a', 'b', undefined]));
    passTime(1_000);
    hear({ b: 71 });
    expect(asked()).toEqual(new Set(['b', undefined]));
  });
});
