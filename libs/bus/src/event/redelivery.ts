const firstDelayMs = 100;
const maxDelayMs = 30_000;

/** How long a failed event waits before it comes again, in milliseconds: 0.1 s after the first attempt, doubling up to 30 s. */
export function redeliveryDelayMs(attempts: number): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20));
}

/** How many events of one consumer a process handles at a time. */
export const maxEventsInHand = 16;
