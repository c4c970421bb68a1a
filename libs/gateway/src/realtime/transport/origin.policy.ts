import type { IncomingHttpHeaders } from 'node:http';

/**
 * May a page of this origin open sockets? Clients that are no browser send no origin. Pages of the host that was asked may,
 * and those of the origins that the deployment names (`*` for all).
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes(origin) || allowed.includes('*')) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
