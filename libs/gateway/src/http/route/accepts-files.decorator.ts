import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '@parley/errors';

interface FilesConfig {
  readonly acceptsFiles?: boolean;
}

const form = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'array', minItems: 1, maxItems: 10, items: { type: 'string', format: 'binary' } },
    duration: { type: 'number', description: 'Of a recording, in seconds. Repeated for several, in their order.' },
  },
} as const;

/** The route takes files in a form, whose body it reads itself, as a stream. Other routes answer such forms with 415. */
export const AcceptsFiles = (): MethodDecorator =>
  applyDecorators(
    RouteConfig({ acceptsFiles: true } satisfies FilesConfig),
    ApiConsumes('multipart/form-data'),
    ApiBody({ schema: { type: form.type, required: [...form.required], properties: form.properties } }),
  );

export function areFilesAccepted({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as FilesConfig | undefined)?.acceptsFiles === true;
}

/** Leaves forms of files unread where they are accepted. */
export function passFiles(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('multipart/form-data', (request, _body, done) => {
    const isOfInterest = request.is404 || areFilesAccepted(request);
    done(isOfInterest ? null : new AppError('unsupported_media_type'));
  });
}
