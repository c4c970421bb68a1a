import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { AppError, type ErrorCode, toProblem } from '@parley/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestIdHeader } from '../route/request-id.decorator';

/** When to come back after a 503 that names no time, in milliseconds. */
const defaultRetryAfterMs = 1_000;

/** What Nest and Fastify refuse by themselves, before a handler is reached. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'invalid_token',
  404: 'route_not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'validation_failed',
  503: 'service_unavailable',
};

/** The one place where whatever a route threw becomes an answer: an RFC 9457 problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const error = isCutOff(thrown, request) ? new AppError('malformed_request', { cause: thrown }) : toAppError(thrown);
    if (error.status >= 500) this.report(error, request);
    answerProblem(http.getResponse<FastifyReply>(), request.id, error);
  }

  /** A dependency that is down is known elsewhere; what nobody expected needs a person. */
  private report(error: AppError, { id, method, routeOptions }: FastifyRequest): void {
    const { code, cause = error } = error;
    const fields = { msg: 'A request failed', requestId: id, method, route: routeOptions.url, code, err: cause };
    if (error.kind === 'unavailable') this.log.warn(fields);
    else this.log.error(fields);
  }
}

export function answerProblem(reply: FastifyReply, requestId: string, error: AppError): void {
  void reply
    .status(error.status)
    .headers({ ...headersOf(error), [requestIdHeader]: requestId })
    .type('application/problem+json; charset=utf-8')
    .send(toProblem(error, requestId));
}

/** A client that went away before its body had ended: nobody hears the answer, and nothing is wrong here. */
function isCutOff(thrown: unknown, { raw }: FastifyRequest): boolean {
  return raw.errored !== null && raw.errored === thrown;
}

/** What was thrown as an error of the catalogue. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = statusOf(thrown);
  if (status === undefined) return AppError.from(thrown);
  const code = codeOfStatus[status] ?? (status < 500 ? 'malformed_request' : 'internal_error');
  return new AppError(code, { cause: thrown });
}

/** The HTTP status that Nest's exceptions and Fastify's errors name. Other errors' fields of that name mean nothing here. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const isFastifyError = thrown instanceof Error && 'statusCode' in thrown && 'code' in thrown;
  return isFastifyError && typeof thrown.statusCode === 'number' && String(thrown.code).startsWith('FST_')
    ? thrown.statusCode
    : undefined;
}

function headersOf(error: AppError): Record<string, string> {
  if (error.kind === 'unauthenticated') return { 'www-authenticate': 'Bearer' };
  const retryAfterMs = error.retryAfterMs ?? (error.kind === 'unavailable' ? defaultRetryAfterMs : undefined);
  return retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };
}
