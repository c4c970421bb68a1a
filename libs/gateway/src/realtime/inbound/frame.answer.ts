import { randomUUID } from 'node:crypto';
import { type AppError, toProblem } from '@parley/errors';
import type { Socket } from 'socket.io';

type Ack = (answer: object) => void;

/** The answer that a client's frame is owed: given once, through the frame's ack, or as events where it asked for none. */
export class FrameAnswer {
  private isGiven = false;
  private id: string | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly event: string,
    private readonly ack: Ack | undefined,
  ) {}

  /** Did the client ask for an answer? */
  get isAwaited(): boolean {
    return this.ack !== undefined;
  }

  /** Names this frame in logs, in calls that it causes, and in the problem that the client sees. */
  get requestId(): string {
    return (this.id ??= randomUUID());
  }

  succeed(data: unknown): void {
    if (this.isGiven) return;
    this.ack?.({ ok: true, data: data ?? {} });
    this.isGiven = true;
  }

  fail(error: AppError): void {
    if (this.isGiven) return;
    this.isGiven = true;
    if (this.ack) this.ack({ ok: false, error: toProblem(error, this.requestId) });
    else this.socket.emit('error', { message: error.message, code: error.code, event: this.event });
  }
}
