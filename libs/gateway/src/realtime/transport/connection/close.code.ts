import type { Problem } from '@parley/errors';

/**
 * Why a WebSocket is closed. 4000-4399 ask the client to connect again, 4400-4499 not to (4429: only after a wait);
 * below 4000 are the codes of RFC 6455, where 1013 means "later".
 */
export const CloseCode = {
  tryAgainLater: 1013,
  goingAway: 4000,
  /** More was waiting to be read than is kept: connect again and sync. */
  slowConsumer: 4008,
  refused: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  limited: 4429,
} as const;

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
