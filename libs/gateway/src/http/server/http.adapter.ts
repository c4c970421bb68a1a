import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HttpConfig } from '@parley/config';
import { prepareDrain, requestIdOf } from '@parley/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { passFiles } from '../route/accepts-files.decorator';
import { logRequests } from './access.log';
import { refuseWrongMethods } from './allowed.methods';
import { parseBodies } from './body.parsers';
import { refuseConnection } from './connection.refusal';
import { refuseForeignPages } from './foreign.pages';
import { securityHeadersOf } from './security.headers';
import { boundBodies } from './unread.bodies';
import { answerProblem, toAppError } from './problem.filter';
import { requestIdHeader } from '../route/request-id.decorator';

/** Larger bodies are answered with 413; files take another way. */
const maxBodyBytes = 1_048_576;

/** Longer than a user id of 255 characters can become in a path, percent-encoded. */
const maxParamLength = 4_096;

/** Fastify with this product's limits: what is too large, too slow or malformed ends here, in a problem document. */
export function createHttpAdapter(config: HttpConfig): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    connectionTimeout: 60_000,
    // Of an upload; other bodies have less.
    requestTimeout: 900_000,
    http: {
      headersTimeout: config.headersTimeoutMs,
      // Node looks no oftener, which counts for connections that never say anything.
      connectionsCheckingInterval: Math.min(1_000, config.headersTimeoutMs / 4),
    },
    trustProxy: config.trustProxy,
    requestIdHeader: false,
    genReqId: ({ headers }: IncomingMessage) => requestIdOf(headers[requestIdHeader]),
    return503OnClosing: false,
    routerOptions: { maxParamLength, ignoreTrailingSlash: true },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(reply, request.id, toAppError(error)),
    clientErrorHandler: refuseConnection,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  parseBodies(adapter, maxBodyBytes);
  passFiles(fastify);
  boundBodies(fastify, config.bodyTimeoutMs);
  answerWithHeaders(fastify);
  prepareDrain(fastify);
  if (config.corsOrigins.length === 0) refuseForeignPages(fastify);
  refuseWrongMethods(fastify);
  logRequests(fastify);
  return adapter;
}

function answerWithHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers({ [requestIdHeader]: request.id, ...securityHeadersOf(request.url) });
    done();
  });
}
