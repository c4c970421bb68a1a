import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { TokenVerifier } from '../../auth/token.verifier';
import { UserDirectory } from '../../auth/user.directory';
import type { ChatSocket } from './chat.socket';

/** Lets a socket live on beyond its token. */
@Injectable()
export class SessionRenewal {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly users: UserDirectory,
  ) {}

  /**
   * @param token a fresh token of the same user.
   * @throws AppError `invalid_token`, `token_expired`, `user_mismatch`, `user_banned`, `service_unavailable`; the present session stays as it is.
   */
  async renew(socket: ChatSocket, token: string): Promise<{ expires_at: string }> {
    const session = await this.tokens.verify(token);
    if (session.userId !== socket.data.session.userId) throw new AppError('user_mismatch');
    await this.users.ensure(session);
    socket.data.session = session;
    return { expires_at: new Date(session.expiresAt * 1_000).toISOString() };
  }
}
