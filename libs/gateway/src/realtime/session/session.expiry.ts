import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { closeSocket } from '../transport/connection/close.socket';
import { SessionRegistry } from './session.registry';

const sweepMs = 1_000;
/** What a token may be late at the handshake, in seconds, it may be late here. */
const leewaySeconds = 60;
/** Close code that asks the client not to come back with the same token. */
const tokenExpired = 4401;

/** Closes sockets whose token has expired and was not renewed. One sweep a second, because a timer per socket costs more. */
@Injectable()
export class SessionExpiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly sessions: SessionRegistry) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(), sweepMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    const now = Date.now() / 1_000;
    for (const { socket } of this.sessions.all()) {
      const { expiresAt } = socket.data.session;
      // A token that was already late when the socket came was let in by the leeway, and stays for its rest.
      const wasLate = expiresAt * 1_000 < socket.handshake.issued;
      if (now >= expiresAt + (wasLate ? leewaySeconds : 0)) closeSocket(socket, tokenExpired, 'token_expired');
    }
  }
}
