import { setTimeout as delay } from 'node:timers/promises';
import { cpuBetween, cpuOf } from './process-cpu.mjs';

/** A busy machine may take that many times the warm-up's time to do the warm-up's work. */
const maxWarmups = 3;
const pollMs = 50;

/**
 * Lets a load run: first unmeasured, until the compilers have seen enough of it, then for `seconds` between two readings of
 * the CPU clocks.
 *
 * @param {{ warmupSeconds: number, warmupCount?: number, seconds: number, pids: Record<string, number>,
 *   count: () => number, onStart?: () => void }} options `count` tells how much the load has done so far, `warmupCount` how
 *   much it is to have done at least when measuring begins
 * @returns {Promise<{ count: number, seconds: number, cpu: Record<string, number> }>} `cpu` in microseconds, by process
 */
export async function measure({ warmupSeconds, warmupCount = 0, seconds, pids, count, onStart }) {
  await delay(warmupSeconds * 1_000);
  const until = performance.now() + (maxWarmups - 1) * warmupSeconds * 1_000;
  while (count() < warmupCount && performance.now() < until) await delay(pollMs);
  onStart?.();
  const before = { at: performance.now(), count: count(), cpu: cpuOf(pids) };
  await delay(seconds * 1_000);
  const after = { at: performance.now(), count: count(), cpu: cpuOf(pids) };
  return {
    count: after.count - before.count,
    seconds: (after.at - before.at) / 1_000,
    cpu: cpuBetween(before.cpu, after.cpu),
  };
}
