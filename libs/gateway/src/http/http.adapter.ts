import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HttpConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { requestIdOf } from '@parley/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { logRequests } from './access.log';
import { refuseConnection } from './connection.refusal';
import { securityHeadersOf } from './docs/docs.headers';
import { answerProblem, toAppError } from './problem.filter';
import { requestIdHeader } from './request-id';

/** Larger bodies are answered with 413; files take another way. */
const maxBodyBytes = 1_048_576;

/** Longer than a user id of 255 characters can become in a path, percent-encoded. */
const maxParamLength = 4_096;

/** Fastify with this product's limits: what is too large, too slow or malformed ends here, in a problem document. */
export function createHttpAdapter(config: HttpConfig): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    connectionTimeout: 60_000,
    requestTimeout: 30_000,
    http: { headersTimeout: 15_000 },
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
  // Fastify would take any text for a body.
  fastify.removeContentTypeParser('text/plain');
  answerWithHeaders(fastify);
  refuseWhenClosing(fastify);
  logRequests(fastify);
  return adapter;
}

function answerWithHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers({ [requestIdHeader]: request.id, ...securityHeadersOf(request.url) });
    done();
  });
}

/** Fastify would refuse by itself, but not with a problem document. */
function refuseWhenClosing(fastify: FastifyInstance): void {
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  fastify.addHook('onRequest', (_request, reply, done) => {
    if (!isClosing) return done();
    reply.header('connection', 'close');
    done(new AppError('service_unavailable'));
  });
}
