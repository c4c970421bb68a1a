import { randomUUID } from 'node:crypto';
import { writeJson } from '@parley/contracts';
import { type AppError, toProblem } from '@parley/errors';
import type { UserSession } from '../../auth/user.session';
import type { ChatSocket } from '../session/chat.socket';
import type { Ack } from '../transport/frame.listener';
import type { FrameContext } from './frame.handler';

/** The answer that a client's frame is owed: given once, through the frame's ack, or as events where it asked for none. */
export class FrameAnswer implements FrameContext {
  private isGiven = false;
  private id: string | undefined;

  constructor(
    readonly socket: ChatSocket,
    private readonly event: string,
    private readonly ack: Ack | undefined,
  ) {}

  get session(): UserSession {
    return this.socket.data.session;
  }

  get isAwaited(): boolean {
    return this.ack !== undefined;
  }

  get requestId(): string {
    return (this.id ??= randomUUID());
  }

  /** @throws TypeError where `data` cannot be written: it is not answered then. */
  succeed(data: unknown): void {
    if (this.isGiven) return;
    this.ack?.(`{"ok":true,"data":${writeJson(data ?? {})}}`);
    this.isGiven = true;
  }

  fail(error: AppError): void {
    if (this.isGiven) return;
    this.isGiven = true;
    if (this.ack) this.ack(`{"ok":false,"error":${JSON.stringify(toProblem(error, this.requestId))}}`);
    else this.socket.emit('error', { message: error.message, code: error.code, event: this.event });
  }
}
