import { exitWithFailure } from './start.failure';

/** Longer than anything that is in flight may take: what has not ended by then hangs. In milliseconds. */
const graceMs = 25_000;

/**
 * Ends the process in order when it is asked to (SIGTERM, SIGINT): exit code 0; or 1, where that fails or takes `drainMs`
 * and 25 seconds more. A second signal of the same kind ends it at once.
 */
export function endOnSignal(end: () => Promise<void>, drainMs = 0): void {
  let isEnding = false;
  const begin = () => {
    if (isEnding) return;
    isEnding = true;
    const limitMs = drainMs + graceMs;
    setTimeout(() => exitWithFailure(`The process did not end within ${limitMs} ms.`), limitMs).unref();
    end().then(() => process.exit(0), exitWithFailure);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, begin);
}
