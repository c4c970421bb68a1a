import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { acceptsLinkKey, isLink } from './accepts-link.decorator';
import { setCurrentUser } from './current-user.decorator';
import { tokenOfRequest } from './handshake.token';
import { isPublicKey } from './public.decorator';
import { TokenVerifier } from './token.verifier';
import { UserDirectory } from './user.directory';

/** Lets requests with a good `Authorization: Bearer` token through; a new route is guarded unless it says `@Public()`. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
    private readonly users: UserDirectory,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Frames of a socket and calls over the bus have no header: a socket is let in once, by its handshake.
    return context.getType() !== 'http' || this.admit(context);
  }

  private async admit(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(isPublicKey, [context.getHandler(), context.getClass()])) return true;

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isLink(request) && this.reflector.get<boolean>(acceptsLinkKey, context.getHandler())) return true;
    const session = await this.tokens.verify(tokenOfRequest(request));
    await this.users.ensure(session, request.id);
    setCurrentUser(request, session);
    return true;
  }
}
