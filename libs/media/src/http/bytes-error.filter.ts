import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { AppError } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What was thrown, as the gateway that asked reads it: a code of the catalogue. */
@Catch()
export class BytesErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('Bytes');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const error = AppError.from(thrown);
    this.report(error, request);
    const { code, message: detail, issues } = error;
    void http
      .getResponse<FastifyReply>()
      .status(error.status)
      .send({ code, detail, ...(issues && { issues }) });
    // The gateway stops sending when it has the answer, and takes it while it still sends.
    setImmediate(() => request.raw.resume());
  }

  private report(error: AppError, { routeOptions }: FastifyRequest): void {
    const fields = { msg: 'Bytes were refused', route: routeOptions.url, code: error.code, err: error.cause ?? error };
    if (error.kind === 'internal') this.log.error(fields);
    else if (error.kind === 'unavailable') this.log.warn(fields);
  }
}
