import type { UserId } from '@parley/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { findCurrentUser } from '../auth/current-user.decorator';

/** Users that are remembered until they are reported; further ones are not. */
const maxNoted = 50_000;

/** Who made requests lately: a status that was set without a socket holds on for those. Lets every request through. */
@Injectable()
export class RequestActivity implements CanActivate {
  private noted = new Set<UserId>();

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || this.noted.size >= maxNoted) return true;
    const session = findCurrentUser(context.switchToHttp().getRequest<FastifyRequest>());
    if (session) this.noted.add(session.userId);
    return true;
  }

  /** Those since the last time. */
  take(): UserId[] {
    const taken = [...this.noted];
    this.noted = new Set();
    return taken;
  }
}
