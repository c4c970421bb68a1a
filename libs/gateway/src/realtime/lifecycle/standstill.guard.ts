import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AppError } from '@parley/errors';
import type { FastifyRequest } from 'fastify';
import { LoopLag } from './loop.lag';

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Carries out no change that was asked for while the process stood still: the client has given it up, and may have asked elsewhere. */
@Injectable()
export class StandstillGuard implements CanActivate {
  constructor(private readonly lag: LoopLag) {}

  /** @throws AppError `service_unavailable` */
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http' || !this.lag.hasStoodStill) return true;
    if (readOnly.has(context.switchToHttp().getRequest<FastifyRequest>().method)) return true;
    throw new AppError('service_unavailable');
  }
}
