import { RealtimeConfig } from '@parley/config';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { closeSocket } from '../transport/close.socket';
import { SocketServer } from './socket.server';

/** Close code that asks the client to connect again: this gateway is going away. */
const draining = 4000;

/** Sends the sockets of a gateway that stops elsewhere, spread over time so that the others are not run over. */
@Injectable()
export class SocketDrain {
  constructor(
    @Inject(RealtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly sockets: SocketServer,
  ) {}

  /** Resolves when the last socket was closed, after `drainSeconds` at most. */
  async drain(): Promise<void> {
    const sockets = this.sockets.local();
    const spreadMs = this.config.drainSeconds * 1_000;
    for (const socket of sockets) {
      socket.emit('draining', { reconnect_after_ms: Math.round(Math.random() * spreadMs) });
    }
    const startedAt = Date.now();
    for (const [index, socket] of sockets.entries()) {
      const dueMs = startedAt + ((index + 1) / sockets.length) * spreadMs - Date.now();
      if (dueMs > 1) await delay(dueMs);
      closeSocket(socket, draining, 'draining');
    }
  }
}
