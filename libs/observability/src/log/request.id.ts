import { randomUUID } from 'node:crypto';

const acceptable = /^[\w.:/+=-]{1,128}$/;

/**
 * The name of a request in logs and problem documents: the one that the client or a proxy gave (`X-Request-Id`) if it is
 * 1 to 128 characters that are safe in a header and a log line, else a new one.
 */
export function requestIdOf(given?: unknown): string {
  return typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
}
