import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AppError } from '@parley/errors';
import { isRequestSigned, Signer } from '@parley/signing';
import type { FastifyRequest } from 'fastify';

/** Lets in what a gateway has signed: whom it asks for was authorised there. */
@Injectable()
export class GatewayGuard implements CanActivate {
  constructor(private readonly signer: Signer) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, url, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!isRequestSigned(this.signer, { method, target: url }, headers)) throw new AppError('invalid_token');
    return true;
  }
}
