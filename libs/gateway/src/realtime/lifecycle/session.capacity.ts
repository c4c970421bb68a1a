import { RealtimeConfig } from '@parley/config';
import { AppError } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import type { ChatSocket } from '../session/chat.socket';
import { GateCrowded, HandshakeGate } from './handshake.gate';
import { LoopLag } from './loop.lag';
import { SocketServer } from '../session/socket.server';

/** Of the time that a connection may take to be let in, so much may pass with waiting. */
const waitShare = 0.8;
/** When those are to come back who were turned away, in milliseconds: about, and at most. */
const usualReturnMs = 3_000;
const maxReturnMs = 30_000;

/**
 * How many sockets this gateway takes, and how many at a time. Whoever is in notices nothing of those who are turned away
 * or wait.
 */
@Injectable()
export class SessionCapacity {
  private readonly gate: HandshakeGate;
  private entering = 0;

  constructor(
    @Inject(RealtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly sockets: SocketServer,
    private readonly lag: LoopLag,
  ) {
    const { maxOpening, maxWaiting, connectTimeoutMs } = config;
    this.gate = new HandshakeGate({
      maxParallel: maxOpening,
      maxWaiting,
      maxWaitMs: connectTimeoutMs * waitShare,
    });
  }

  /**
   * Judges a handshake, when its turn comes.
   *
   * @throws AppError what `judge` throws; `service_unavailable` with a hint when to come back.
   */
  async enter(socket: Pick<ChatSocket, 'conn'>, judge: () => Promise<void>): Promise<void> {
    this.demandRoom();
    this.entering++;
    try {
      await this.inTurn(judge, { isBegun: false, isWanted: () => socket.conn.readyState === 'open' });
    } finally {
      this.entering--;
    }
  }

  /**
   * Opens the session of a socket that was let in, before further ones are.
   *
   * @throws AppError as {@link enter} does.
   */
  open(socket: Pick<ChatSocket, 'connected'>, open: () => Promise<void>): Promise<void> {
    return this.inTurn(open, { isBegun: true, isWanted: () => socket.connected });
  }

  private demandRoom(): void {
    const { maxConnections, maxLoopLagMs } = this.config;
    if (this.sockets.count + this.entering >= maxConnections) throw comeBackLater(usualReturnMs);
    if (this.lag.ms > maxLoopLagMs) throw comeBackLater(usualReturnMs);
  }

  private async inTurn(work: () => Promise<void>, turn: Parameters<HandshakeGate['pass']>[1]): Promise<void> {
    try {
      await this.gate.pass(work, turn);
    } catch (error) {
      throw error instanceof GateCrowded ? comeBackLater(Math.max(usualReturnMs, error.drainMs)) : error;
    }
  }
}

/** Spread, so that those who are turned away at one moment do not come back at one moment. */
function comeBackLater(aboutMs: number): AppError {
  const retryAfterMs = Math.round(Math.min(aboutMs, maxReturnMs) * (0.5 + Math.random()));
  return new AppError('service_unavailable', {
    detail: 'This server takes no more sockets at the moment',
    retryAfterMs,
    extension: { retry_after: Math.ceil(retryAfterMs / 1_000), reconnect_after_ms: retryAfterMs },
  });
}
