import { Logger } from '@nestjs/common';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { AppError } from '@parley/errors';
import type { Socket } from 'socket.io';
import { holdReading, releaseReading } from '../transport/web.socket';
import { FrameAnswer } from './frame.answer';

/** With so many frames unanswered a socket is not read from, until half of them are answered. */
const maxUnanswered = 256;
/** As much of an unknown event's name as is repeated to the client. */
const maxEchoedLength = 64;

type Handler = MessageMappingProperties['callback'];

const log = new Logger('FrameRouter');
const routers = new WeakMap<Socket, FrameRouter>();

/** Adds the handlers of one class to what a socket understands. */
export function bindFrames(socket: Socket, handlers: readonly MessageMappingProperties[]): void {
  let router = routers.get(socket);
  if (!router) routers.set(socket, (router = new FrameRouter(socket)));
  router.add(handlers);
}

/**
 * Brings the frames of one socket to their handlers and the answers back: every frame is answered, also one that no
 * handler is for.
 */
class FrameRouter {
  private readonly handlers = new Map<string, Handler>();
  private unanswered = 0;
  private isPaused = false;

  constructor(private readonly socket: Socket) {
    // Hears what no handler is for, too; and costs a socket less than a listener for each event.
    socket.onAny((event: unknown, ...args: unknown[]) => this.route(event, args));
  }

  add(handlers: readonly MessageMappingProperties[]): void {
    for (const { message, callback } of handlers) this.handlers.set(String(message), callback);
  }

  private route(event: unknown, args: unknown[]): void {
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as (answer: object) => void) : undefined;
    const name = typeof event === 'string' ? event : '';
    const answer = new FrameAnswer(this.socket, name.slice(0, maxEchoedLength), ack);
    const handler = this.handlers.get(name);
    if (handler) void this.handle(handler, args[0], answer);
    else answer.fail(new AppError('unknown_event'));
  }

  /** What Nest made of a handler never rejects: its filter has answered then. */
  private async handle(handler: Handler, payload: unknown, answer: FrameAnswer): Promise<void> {
    this.opened();
    try {
      answer.succeed(await handler(payload, answer));
    } catch (error) {
      // The answer could not be written, or a filter is broken.
      log.error(error);
      answer.fail(AppError.from(error));
    } finally {
      this.answered();
    }
  }

  private opened(): void {
    if (++this.unanswered < maxUnanswered || this.isPaused) return;
    this.isPaused = true;
    holdReading(this.socket.conn);
  }

  private answered(): void {
    if (--this.unanswered > maxUnanswered / 2 || !this.isPaused) return;
    this.isPaused = false;
    releaseReading(this.socket.conn);
  }
}
