import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

interface FormConfig {
  readonly acceptsForm?: boolean;
}

/** The route takes its body as a form, too: all values are text then. Other routes answer forms with 415. */
export const AcceptsForm = (): MethodDecorator =>
  applyDecorators(
    RouteConfig({ acceptsForm: true } satisfies FormConfig),
    ApiConsumes('application/json', 'application/x-www-form-urlencoded'),
  );

/** Where there is no route a body is of no interest, whatever it is. */
export function isFormAccepted({ is404, routeOptions }: FastifyRequest): boolean {
  return is404 || (routeOptions.config as FormConfig).acceptsForm === true;
}
