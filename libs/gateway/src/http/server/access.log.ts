import { Logger } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/**
 * One line for each answered request, at level debug. It names the route, never the URL: paths and queries may hold
 * tokens, and ids say who talks with whom.
 */
export function logRequests(fastify: FastifyInstance): void {
  const log = new Logger('Http');
  fastify.addHook('onResponse', (request, reply, done) => {
    log.debug({
      msg: 'request',
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
    });
    done();
  });
}
