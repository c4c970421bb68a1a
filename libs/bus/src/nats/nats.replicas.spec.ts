import { NatsReplicas } from './nats.replicas';

const keys = Array.from({ length: 3_000 }, (_, n) => String(1_000_000 + n));

describe('the replicas of a service', () => {
  let now = 0;
  let replicas: NatsReplicas;

  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    replicas = new NatsReplicas();
  });
  afterEach(() => jest.restoreAllMocks());

  const hear = (...names: string[]): void => {
    for (const name of names) replicas.heard('messaging', name);
  };
  const choices = (): (string | undefined)[] => keys.map((key) => replicas.of('messaging', key));
  const share = (name: string): number => choices().filter((chosen) => chosen === name).length / keys.length;

  it('are none before one is heard', () => {
    expect(replicas.of('messaging', '1')).toBeUndefined();
    replicas.heard('presence', 'a');
    expect(replicas.of('messaging', '1')).toBeUndefined();
  });

  it('share the keys evenly', () => {
    hear('a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) expect(Math.abs(share(name) - 1 / 3)).toBeLessThan(0.05);
  });

  it('get the same keys wherever they are known, in whichever order they were heard', () => {
    hear('a', 'b', 'c');
    const before = choices();
    replicas = new NatsReplicas();
    hear('c', 'a', 'b');
    expect(choices()).toEqual(before);
  });

  it('leave only the keys of the one that is lost to the others, and get them back', () => {
    hear('a', 'b', 'c');
    const before = choices();
    replicas.lost('messaging', 'b');
    const without = choices();
    expect(without).not.toContain('b');
    keys.forEach((_, i) => before[i] === 'b' || expect(without[i]).toBe(before[i]));
    hear('b');
    expect(choices()).toEqual(before);
  });

  it('are any once a second, so that new ones are heard of', () => {
    hear('a');
    expect(replicas.of('messaging', '1')).toBe('a');
    now = 1_000;
    expect(replicas.of('messaging', '1')).toBeUndefined();
    expect(replicas.of('messaging', '1')).toBe('a');
  });

  it('are any when all are lost', () => {
    hear('a');
    replicas.lost('messaging', 'a');
    expect(replicas.of('messaging', '1')).toBeUndefined();
  });
});
