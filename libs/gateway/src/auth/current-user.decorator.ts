import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AppError } from '@parley/errors';
import type { FastifyRequest } from 'fastify';
import type { UserSession } from './user.session';

const sessions = new WeakMap<object, UserSession>();

/** Notes who asks; `@CurrentUser()` reads it. */
export function setCurrentUser(request: FastifyRequest, session: UserSession): void {
  sessions.set(request, session);
}

/** Who asks, or undefined on a route that is public: nobody was asked who they are. */
export function findCurrentUser(request: FastifyRequest): UserSession | undefined {
  return sessions.get(request);
}

/** @throws AppError `invalid_token` on a route that is public. */
export function currentUserOf(request: FastifyRequest): UserSession {
  const session = findCurrentUser(request);
  if (session === undefined) throw new AppError('invalid_token');
  return session;
}

/** The UserSession of a request that the BearerGuard let through. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): UserSession =>
  currentUserOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
