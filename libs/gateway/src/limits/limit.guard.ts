import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { LimitType } from '@parley/config';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findCurrentUser } from '../auth/current-user.decorator';
import { headersOf, toRefusal } from './limit.state';
import { LimitService } from './limit.service';
import { rateLimitKey } from './rate-limited.decorator';

type HttpExchange = ReturnType<ExecutionContext['switchToHttp']>;

/**
 * Refuses users what they ask for too often. Runs after the guard that tells who they are; whom no token names is not counted.
 * The frames of sockets are counted where they come in.
 */
@Injectable()
export class LimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: LimitService,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // What lies behind a service's call was limited where a user asked for it.
    return !this.limits.areOn || context.getType() !== 'http' || this.limit(context);
  }

  private async limit(context: ExecutionContext): Promise<boolean> {
    await this.limitRequest(context.switchToHttp(), this.typeOf(context));
    return true;
  }

  private typeOf(context: ExecutionContext): LimitType | undefined {
    return this.reflector.getAllAndOverride(rateLimitKey, [context.getHandler(), context.getClass()]);
  }

  /** Every answer tells the state, of the limit that refused or else of the route's own. */
  private async limitRequest(http: HttpExchange, type: LimitType = 'api'): Promise<void> {
    const session = findCurrentUser(http.getRequest<FastifyRequest>());
    if (!session) return;
    const state = await (type === 'api' ? this.limits.count(session, type) : this.limits.count(session, 'api', type));
    if (!state) return;
    http.getResponse<FastifyReply>().headers(headersOf(state));
    if (state.isRefused) throw toRefusal(state);
  }
}
