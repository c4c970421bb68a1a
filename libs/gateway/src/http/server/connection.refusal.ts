import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, toProblem } from '@parley/errors';
import { requestIdOf } from '@parley/observability';

/** Node's word for headers over its limit of 16 KiB. */
const headerOverflow = 'HPE_HEADER_OVERFLOW';

/**
 * Ends a connection on which no request could be read: it is no HTTP, its headers are too large, or it was too slow. The
 * peer is told why, if it still listens.
 */
export function refuseConnection(cause: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && cause.code !== 'ECONNRESET') {
    socket.write(
      responseOf(new AppError(cause.code === headerOverflow ? 'payload_too_large' : 'malformed_request', { cause })),
    );
  }
  socket.destroy(cause);
}

/** A problem document as a whole answer, for a connection that ends with it. */
export function responseOf(error: AppError): string {
  const { retryAfterMs } = error;
  const body = JSON.stringify(toProblem(error, requestIdOf()));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfterMs / 1_000)}`]),
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
