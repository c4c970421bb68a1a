import { CloseCode } from '@parley/contracts';
import type { Problem } from '@parley/errors';

/** How long a peer may take to answer a close frame, in milliseconds. */
export const closeTimeoutMs = 2_000;
/** The same for one that has to read a lot before. */
export const slowCloseTimeoutMs = 10_000;

/** Does the code ask the client to connect again at once? */
export function asksToReconnect(code: number): boolean {
  return code < 4400;
}

/** The code that ends a connection whose handshake was answered with a problem. */
export function closeCodeOf(problem: Pick<Problem, 'status' | 'retryable'>): number {
  switch (problem.status) {
    case 401:
      return CloseCode.unauthenticated;
    case 403:
      return CloseCode.forbidden;
    case 429:
      return CloseCode.limited;
    default:
      return problem.retryable || problem.status >= 500 ? CloseCode.tryAgainLater : CloseCode.refused;
  }
}
