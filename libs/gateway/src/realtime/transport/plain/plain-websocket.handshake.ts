import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@parley/errors';
import { tokenOfHandshake } from '../../../auth/handshake.token';

/** Where plain WebSocket clients connect: this path, or the token behind it as one more segment. */
const path = '/api/ws';

/** What Socket.IO clients send as `auth`. */
export interface PlainAuth {
  readonly token: string;
  /** What the client says that it has seen, from `?heads=` (URL-encoded JSON). */
  readonly heads?: unknown;
}

/** Is the target of a request one of plain WebSocket clients? */
export function isPlainWebSocketPath(target: string): boolean {
  const [pathname = ''] = target.split('?', 1);
  return new RegExp(`^${path}(/[^/]*)?/?$`).test(pathname);
}

/** @throws AppError `invalid_token` when there is none, `malformed_request` for heads that are not JSON. */
export function readPlainHandshake({ headers, url = path }: IncomingMessage): PlainAuth {
  const token = tokenOfHandshake({ headers, url });
  const heads = new URLSearchParams(url.split('?', 2)[1]).get('heads');
  return heads === null || heads === '' ? { token } : { token, heads: parseHeads(heads) };
}

/** What is kept of the request for the handshake's sake: no token, neither from the header nor from the URL. */
export function withoutToken({ headers, socket }: IncomingMessage) {
  const { authorization: _token, cookie: _cookie, ...kept }: IncomingHttpHeaders = headers;
  return { headers: kept, url: path, _query: {}, connection: { encrypted: 'encrypted' in socket } };
}

function parseHeads(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AppError('malformed_request', { detail: 'heads must be URL-encoded JSON', cause });
  }
}
