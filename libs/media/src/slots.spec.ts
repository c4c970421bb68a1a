import { setImmediate as turn } from 'node:timers/promises';
import { Slots } from './slots';

describe('slots', () => {
  it('let works run as long as their weights fit, in their order', async () => {
    const slots = new Slots(10);
    const running = new Set<string>();
    const ends = new Map<string, () => void>();
    const start = (name: string, weight: number) =>
      slots.use(async () => {
        running.add(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        running.delete(name);
        return name;
      }, weight);
    const results = [start('a', 6), start('b', 4), start('large', 100), start('c', 1)];
    await turn();
    expect([...running]).toEqual(['a', 'b']);
    ends.get('a')?.();
    await turn();
    expect([...running]).toEqual(['b']);
    ends.get('b')?.();
    await turn();
    expect([...running]).toEqual(['large']);
    ends.get('large')?.();
    await turn();
    expect([...running]).toEqual(['c']);
    ends.get('c')?.();
    expect(await Promise.all(results)).toEqual(['a', 'b', 'large', 'c']);
  });

  it('are free again after a failure', async () => {
    const slots = new Slots(1);
    await expect(slots.use(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(slots.use(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});
