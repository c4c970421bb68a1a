import { RealtimeConfig } from '@parley/config';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { CloseCode } from '@parley/contracts';
import { framesAnswered } from '../inbound/frame.router';
import { closeSocket } from '../transport/connection/close.socket';
import { holdReading } from '../transport/connection/web.socket';
import type { ChatSocket } from '../session/chat.socket';
import { SocketServer } from '../session/socket.server';

/** Of the time that a drain takes, so much is kept for what the last sockets still wait for. */
const answerShare = 0.25;
/** And not more than so many milliseconds: a gateway answers nothing later than that. */
const maxAnswerMs = 5_000;

/** Sends the sockets of a gateway that stops elsewhere, spread over time so that the others are not run over. */
@Injectable()
export class SocketDrain {
  constructor(
    @Inject(RealtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly sockets: SocketServer,
  ) {}

  /**
   * Tells each socket when it will be closed, and closes it then: at once where all that it said is answered, else with
   * the last answer. Resolves when the last one was closed, after `drainSeconds` at most.
   */
  async drain(): Promise<void> {
    const sockets = this.sockets.local();
    const drainMs = this.config.drainSeconds * 1_000;
    const spreadMs = drainMs - Math.min(drainMs * answerShare, maxAnswerMs);
    const startedAt = performance.now();
    const dueMs = (index: number) => Math.round(((index + 1) / sockets.length) * spreadMs);
    for (const [index, socket] of sockets.entries()) socket.emit('draining', { reconnect_after_ms: dueMs(index) });
    const late = delay(drainMs, undefined, { ref: false });
    const closing: Promise<void>[] = [];
    for (const [index, socket] of sockets.entries()) {
      const leftMs = startedAt + dueMs(index) - performance.now();
      if (leftMs > 1) await delay(leftMs);
      closing.push(dismiss(socket, late));
    }
    await Promise.all(closing);
  }
}

async function dismiss(socket: ChatSocket, late: Promise<void>): Promise<void> {
  if (!socket.connected) return;
  // What it says from here on is not read: it says it again elsewhere.
  holdReading(socket.conn);
  await Promise.race([framesAnswered(socket), late]);
  if (socket.connected) closeSocket(socket, CloseCode.goingAway, 'draining');
}
