import { ClientHeads } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { tokenOfHandshake } from '../../auth/handshake.token';
import { TokenVerifier } from '../../auth/token.verifier';
import { UserDirectory } from '../../auth/user.directory';
import type { UserSession } from '../../auth/user.session';
import { LimitService } from '../../limits/limit.service';
import type { ChatSocket } from '../session/chat.socket';
import { SessionCapacity } from './session.capacity';

/** Decides by a socket's handshake whether it may connect. */
@Injectable()
export class SessionAdmission {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly limits: LimitService,
    private readonly users: UserDirectory,
    private readonly capacity: SessionCapacity,
  ) {}

  /**
   * Notes who the socket is and what it has seen, when its turn comes.
   *
   * @throws AppError `invalid_token`, `token_expired`, `user_banned`, `rate_limited`, `validation_failed`, `service_unavailable`
   */
  admit(socket: Pick<ChatSocket, 'handshake' | 'data' | 'conn'>): Promise<void> {
    return this.capacity.enter(socket, () => this.judge(socket));
  }

  /**
   * Opens the session of a socket that was admitted, when its turn comes.
   *
   * @throws what `open` throws, AppError `service_unavailable`.
   */
  open(socket: Pick<ChatSocket, 'connected'>, open: () => Promise<void>): Promise<void> {
    return this.capacity.open(socket, open);
  }

  private async judge({ handshake, data }: Pick<ChatSocket, 'handshake' | 'data'>): Promise<void> {
    const { auth, headers, url } = handshake;
    const session = await this.tokens.verify(tokenOfHandshake({ auth, headers, url }));
    await this.limits.demand(session, 'ws_connect');
    await this.demandAccess(session);
    data.session = session;
    if (auth['heads'] === undefined || auth['heads'] === null) return;
    const heads = ClientHeads.safeParse(auth['heads']);
    if (!heads.success) {
      throw new AppError('validation_failed', {
        issues: [{ path: 'heads', message: 'must be heads by conversation id' }],
      });
    }
    data.heads = heads.data;
  }

  /**
   * Without an answer the socket comes in, and goes again when its session cannot be opened: that asks the client to
   * return, where a refusal would tell it to give up. Opening judges again.
   */
  private async demandAccess(session: UserSession): Promise<void> {
    try {
      await this.users.admit(session);
    } catch (error) {
      if (AppError.from(error).kind !== 'unavailable') throw error;
    }
  }
}
