import type { Server } from 'node:http';
import { AppError, toProblem } from '@parley/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** How often it is looked for connections that nothing happens on any more, in milliseconds. */
const sweepEveryMs = 100;

const drains = new WeakMap<Server, HttpDrain>();

/** Makes an HTTP server one that ends its connections when it is closed, or before, with {@link closeHttp}. */
export function prepareDrain(fastify: FastifyInstance): void {
  drains.set(fastify.server, new HttpDrain(fastify));
}

/**
 * Begins to end a server's HTTP connections, before it is closed: what is in flight is answered, as the last answer of its
 * connection; what comes after that is refused. Sockets are not concerned.
 */
export function closeHttp(server: Server): void {
  drains.get(server)?.begin();
}

/**
 * A server that closes waits for all of its connections. Clients keep theirs for the next request: a connection whose request
 * was in flight when the server closed, or that has not had one yet, would hold it for a minute.
 */
class HttpDrain {
  private readonly server: Server;
  private isClosing = false;
  private inFlight = 0;

  constructor(fastify: FastifyInstance) {
    this.server = fastify.server;
    this.server.on('request', (_request, response) => {
      this.inFlight++;
      response.once('close', () => this.inFlight--);
    });
    // At the latest: whoever closes the application need not know of this.
    fastify.addHook('preClose', (done) => {
      this.begin();
      done();
    });
    // Fastify would refuse by itself, but not with a problem document.
    fastify.addHook('onRequest', ({ id }, reply, done) => {
      if (this.isClosing) refuse(reply, id);
      else done();
    });
    fastify.addHook('onSend', (_request, reply, payload, done) => {
      if (this.isClosing) reply.header('connection', 'close');
      done(null, payload);
    });
  }

  begin(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    const timer = setInterval(() => this.sweep(), sweepEveryMs).unref();
    this.server.once('close', () => clearInterval(timer));
  }

  private sweep(): void {
    // New ones still come; they are refused with an answer.
    if (this.server.listening) return;
    if (this.inFlight === 0) this.server.closeAllConnections();
    else this.server.closeIdleConnections();
  }
}

function refuse(reply: FastifyReply, requestId: string): void {
  const error = new AppError('service_unavailable');
  void reply
    .status(error.status)
    .headers({ connection: 'close', 'retry-after': '1' })
    .type('application/problem+json; charset=utf-8')
    .send(toProblem(error, requestId));
}
