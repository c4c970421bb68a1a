import { Module } from '@nestjs/common';
import { AuthConfig } from '@parley/config';
import { CachedTokenVerifier } from './cached-token.verifier';
import { DevTokenIssuer } from './dev-token.issuer';
import { JwtTokenVerifier } from './jwt-token.verifier';
import { signingKeysOf } from './signing.keys';
import { TokenVerifier } from './token.verifier';
import { UserDirectory } from './user.directory';

/** Who asks: tokens and the users behind them, for requests and for sockets alike. */
@Module({
  providers: [
    {
      provide: TokenVerifier,
      inject: [AuthConfig.token],
      useFactory: (config: AuthConfig) => new CachedTokenVerifier(new JwtTokenVerifier(signingKeysOf(config), config)),
    },
    DevTokenIssuer,
    UserDirectory,
  ],
  exports: [TokenVerifier, DevTokenIssuer, UserDirectory],
})
export class AuthModule {}
