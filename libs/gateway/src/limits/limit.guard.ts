import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { LimitType } from '@parley/config';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findCurrentUser } from '../auth/current-user.decorator';
import type { UserSession } from '../auth/user.session';
import { headersOf, toRefusal } from './limit.state';
import { LimitService } from './limit.service';
import { rateLimitKey } from './rate-limited.decorator';

type HttpExchange = ReturnType<ExecutionContext['switchToHttp']>;

/** As much of a socket as tells whom to limit. */
interface LimitedSocket {
  readonly data: { readonly session: UserSession };
}

/** Refuses users what they do too often. Runs after the guard that tells who they are; whom no token names is not counted. */
@Injectable()
export class LimitGuard implements CanActivate {
  /** When the frames that came before have been counted; never rejects. */
  private readonly turns = new WeakMap<LimitedSocket, Promise<void>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly limits: LimitService,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // What lies behind a service's call was limited where a user asked for it.
    return !this.limits.areOn || context.getType() === 'rpc' || this.limit(context);
  }

  private async limit(context: ExecutionContext): Promise<boolean> {
    const type = this.typeOf(context);
    if (context.getType() === 'http') await this.limitRequest(context.switchToHttp(), type);
    else await this.limitFrame(context.switchToWs().getClient<LimitedSocket>(), type);
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

  /** A socket's frames are handled in the order they came, though some wait for Redis and others need not. */
  private limitFrame(socket: LimitedSocket, type: LimitType | undefined): Promise<void> | undefined {
    const before = this.turns.get(socket);
    if (type === undefined) return before;
    const demand = () => this.limits.demand(socket.data.session, type);
    const turn = before ? before.then(demand) : demand();
    const end = turn
      .catch(() => undefined)
      .then(() => {
        if (this.turns.get(socket) === end) this.turns.delete(socket);
      });
    this.turns.set(socket, end);
    return turn;
  }
}
