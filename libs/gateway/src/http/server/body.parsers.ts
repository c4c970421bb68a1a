import { isUtf8 } from 'node:buffer';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppError } from '@parley/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { areFilesAccepted } from '../route/accepts-files.decorator';
import { isFormAccepted } from '../route/accepts-form.decorator';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Reads bodies: JSON on every route, forms on those that say so. What cannot be read is refused, never guessed at.
 *
 * @param bodyLimit in bytes; what is larger is refused with 413.
 */
export function parseBodies(adapter: FastifyAdapter, bodyLimit: number): void {
  const fastify = adapter.getInstance<FastifyInstance>();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  // Fastify would take any text for a body.
  fastify.removeContentTypeParser('text/plain');
  ignoreTypeOfNothing(fastify);
  adapter.useBodyParser(
    'application/json',
    false,
    { bodyLimit },
    (request: FastifyRequest, body: Buffer, done: Done) => {
      // An empty body without a length.
      if (body.length === 0) return done(null, undefined);
      if (!isUtf8(body)) return done(new AppError('malformed_request', { detail: 'The body is not UTF-8' }));
      void parseJson(request, body.toString(), done);
    },
  );
  const formType = 'application/x-www-form-urlencoded';
  adapter.useBodyParser(formType, false, { bodyLimit }, (request: FastifyRequest, body: Buffer, done: Done) => {
    if (!isFormAccepted(request)) return done(new AppError('unsupported_media_type'));
    try {
      done(null, parseForm(body));
    } catch (error) {
      done(AppError.from(error));
    }
  });
}

/** Many clients name a type also where they send nothing (`curl -d ''`). Where a body is needed, its absence is told later. */
function ignoreTypeOfNothing(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
    const isOfInterest = isFormAccepted(request) || areFilesAccepted(request);
    if (length === '0' && encoding === undefined && !isOfInterest) delete headers['content-type'];
    done();
  });
}

/** @throws AppError `malformed_request`, and `validation_failed` for a field that is given twice. */
function parseForm(body: Buffer): Record<string, string> {
  if (!isUtf8(body)) throw new AppError('malformed_request', { detail: 'The body is not UTF-8' });
  const fields = new Map<string, string>();
  for (const pair of body.toString().split('&')) {
    if (pair === '') continue;
    const [name = '', ...value] = pair.split('=').map(decodeField);
    if (name === '__proto__') throw new AppError('malformed_request');
    if (fields.has(name)) {
      throw new AppError('validation_failed', { issues: [{ path: name, message: 'must be given once' }] });
    }
    fields.set(name, value.join('='));
  }
  return Object.fromEntries(fields);
}

function decodeField(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new AppError('malformed_request', { cause });
  }
}
