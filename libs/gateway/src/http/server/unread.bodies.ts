import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { areFilesAccepted } from '../route/accepts-files.decorator';
import { refuseConnection } from './connection.refusal';

/** How much of a body is thrown away after the answer, and for how long, before its connection is closed. */
const maxDiscardedBytes = 64 * 1_048_576;
const maxDiscardMs = 10_000;
const pollMs = 250;

/**
 * Bounds what clients send that nobody reads: bodies that come too slowly, and the rest of those that were answered before
 * they ended. Such a rest is thrown away for a while: a client that is still sending could not take the answer otherwise.
 *
 * @param bodyTimeoutMs how long the body of a request may take that is no upload.
 */
export function boundBodies(fastify: FastifyInstance, bodyTimeoutMs: number): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    if (hasBody && !areFilesAccepted(request)) refuseSlow(raw, bodyTimeoutMs);
    done();
  });
  // Fastify asks to close where a body is too large. Node would do so with the answer's last byte, and whoever is still
  // sending would see a broken connection instead of the answer.
  fastify.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (reply.statusCode === 413 && !raw.complete) reply.removeHeader('connection');
    done(null, payload);
  });
  fastify.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) discard(raw);
    done();
  });
}

function refuseSlow(raw: IncomingMessage, timeoutMs: number): void {
  const timer = setTimeout(() => {
    if (raw.complete || raw.socket.destroyed) return;
    refuseConnection(
      Object.assign(new Error('The body is too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
      raw.socket,
    );
  }, timeoutMs);
  timer.unref();
  for (const event of ['end', 'close'] as const) raw.once(event, () => clearTimeout(timer));
}

function discard(raw: IncomingMessage): void {
  const { socket } = raw;
  const [startedAt, bytesBefore] = [Date.now(), socket.bytesRead];
  // Behind whoever was reading.
  setImmediate(() => raw.resume());
  const timer = setInterval(() => {
    const isEnough = Date.now() - startedAt > maxDiscardMs || socket.bytesRead - bytesBefore > maxDiscardedBytes;
    if (raw.complete || socket.destroyed || isEnough) clearInterval(timer);
    if (isEnough && !raw.complete) socket.destroy();
  }, pollMs);
  timer.unref();
}
