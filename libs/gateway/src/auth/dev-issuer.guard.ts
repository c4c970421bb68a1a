import { type CanActivate, Injectable } from '@nestjs/common';
import { AppError } from '@parley/errors';
import { DevTokenIssuer } from './dev-token.issuer';

/** Without a development issuer its route is not there, whatever is sent to it. */
@Injectable()
export class DevIssuerGuard implements CanActivate {
  constructor(private readonly issuer: DevTokenIssuer) {}

  canActivate(): boolean {
    if (!this.issuer.isEnabled) throw new AppError('route_not_found');
    return true;
  }
}
