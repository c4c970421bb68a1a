import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@parley/errors';

/** What a socket's handshake brings along. */
export interface HandshakeRequest {
  /** Socket.IO's `auth` object; as the client sent it. */
  readonly auth?: unknown;
  readonly headers: IncomingHttpHeaders;
  /** The request's target, path and query: `/api/ws?token=…`. */
  readonly url: string;
}

const tokenPath = /^\/api\/ws\/([^/]+)\/?$/;

/**
 * The token of a handshake. Looked for in this order: Socket.IO's `auth.token`, the `Authorization: Bearer` header,
 * `?token=`, the path `/api/ws/{token}`. Cookies never count: a foreign page could make a browser send them.
 *
 * @throws AppError `invalid_token` when it brings none.
 */
export function tokenOfHandshake(request: HandshakeRequest): string {
  return demand(authToken(request.auth) ?? headerToken(request.headers) ?? urlToken(request.url));
}

/**
 * The token of an `Authorization: Bearer` header (RFC 6750), the only place where REST looks for one.
 *
 * @throws AppError `invalid_token` when there is none.
 */
export function tokenOfRequest(request: { readonly headers: IncomingHttpHeaders }): string {
  return demand(headerToken(request.headers));
}

function demand(token: string | undefined): string {
  if (token === undefined) throw new AppError('invalid_token');
  return token;
}

function headerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function authToken(auth: unknown): string | undefined {
  if (typeof auth !== 'object' || auth === null || !('token' in auth)) return undefined;
  return typeof auth.token === 'string' && auth.token !== '' ? auth.token : undefined;
}

function urlToken(target: string): string | undefined {
  const url = URL.canParse(target, 'http://localhost') ? new URL(target, 'http://localhost') : undefined;
  const inQuery = url?.searchParams.get('token');
  return inQuery ? inQuery : decoded(tokenPath.exec(url?.pathname ?? '')?.[1]);
}

function decoded(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
