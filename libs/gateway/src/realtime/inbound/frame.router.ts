import { Logger } from '@nestjs/common';
import type { LimitType } from '@parley/config';
import { AppError } from '@parley/errors';
import type { Socket } from 'socket.io';
import type { ChatSocket } from '../session/chat.socket';
import { holdReading, releaseReading } from '../transport/connection/web.socket';
import type { Ack } from '../transport/frame.listener';
import { FrameAnswer } from './frame.answer';
import type { FrameHandler } from './frame.handler';

/** With so many frames unanswered a socket is not read from, until half of them are answered. */
const maxUnanswered = 256;
/** What was read already when reading stopped is still answered, up to so many. */
const mostUnanswered = 4_096;
/** What is answered whenever it comes: whoever asks wants to know that the connection lives. */
const heartbeat = 'ping';
/** As much of an unknown event's name as is repeated to the client. */
const maxEchoedLength = 64;

const log = new Logger('FrameRouter');
const routers = new WeakMap<Socket, FrameRouter>();
/** The sockets whose frames are kept for now. */
const holding = new WeakSet<Socket>();

/** What a socket said. */
export interface SaidFrame {
  readonly event: unknown;
  readonly payload: unknown;
  readonly ack: Ack | undefined;
}

/** Counts frames that are limited. */
export interface FrameCounter {
  /**
   * Counts a frame of a socket, and keeps the order of its frames.
   *
   * @returns when it may be answered, where that is not now; rejects with AppError `rate_limited` where it is one too many.
   */
  count(socket: ChatSocket, limit: LimitType | undefined): Promise<void> | undefined;
}

/** What sockets understand. */
export interface KnownFrames {
  get(event: string): FrameHandler | undefined;
  /** Without one nothing is limited. */
  readonly counter: FrameCounter | undefined;
}

/** Made when the socket first says something: most sockets only listen. */
export function routerOf(socket: Socket): FrameRouter {
  let router = routers.get(socket);
  if (!router) routers.set(socket, (router = new FrameRouter(socket as ChatSocket)));
  return router;
}

/**
 * From here on what a socket says is kept, until {@link releaseFrames} or {@link discardFrames}; heartbeats are answered. What
 * is kept counts as unanswered, so that a socket that says too much is not read from.
 */
export function holdFrames(socket: Socket): void {
  holding.add(socket);
}

/** What was kept is answered, in the order in which it came, and what comes from here on at once. */
export function releaseFrames(socket: Socket): void {
  holding.delete(socket);
  routers.get(socket)?.release();
}

/** What was kept is answered never: the socket is sent away. */
export function discardFrames(socket: Socket): void {
  holding.delete(socket);
  routers.get(socket)?.discard();
}

/** Resolves when nothing that a socket has said so far is unanswered. */
export function framesAnswered(socket: Socket): Promise<void> {
  return routers.get(socket)?.whenAnswered() ?? Promise.resolve();
}

/**
 * Brings the frames of one socket to their handlers and the answers back: every frame is answered, also one that no
 * handler is for.
 */
class FrameRouter {
  /** What waits until the socket may speak. */
  private held: (() => void)[] | undefined;
  private unanswered = 0;
  private isPaused = false;
  private onAnswered: (() => void) | undefined;

  constructor(private readonly socket: ChatSocket) {}

  whenAnswered(): Promise<void> {
    if (this.unanswered === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.onAnswered;
      this.onAnswered = () => {
        before?.();
        resolve();
      };
    });
  }

  /** What was kept is answered. */
  release(): void {
    for (const route of this.takeHeld()) {
      route();
      this.answered();
    }
  }

  discard(): void {
    for (let left = this.takeHeld().length; left > 0; left--) this.answered();
  }

  /** Hears what no handler is for, too. */
  hear(known: KnownFrames, said: SaidFrame): void {
    if (!holding.has(this.socket) || said.event === heartbeat) return this.route(known, said);
    (this.held ??= []).push(() => this.route(known, said));
    this.opened();
  }

  private takeHeld(): readonly (() => void)[] {
    const held = this.held ?? [];
    this.held = undefined;
    return held;
  }

  private route(known: KnownFrames, { event, payload, ack }: SaidFrame): void {
    const name = typeof event === 'string' ? event : '';
    const answer = new FrameAnswer(this.socket, name.slice(0, maxEchoedLength), ack);
    const handler = known.get(name);
    if (!handler) return answer.fail(new AppError('unknown_event'));
    if (this.unanswered >= mostUnanswered) return answer.fail(new AppError('rate_limited'));
    this.opened();
    const counted = known.counter?.count(this.socket, handler.limit);
    if (counted === undefined) return this.handle(handler, payload, answer);
    counted.then(
      () => this.handle(handler, payload, answer),
      (error: unknown) => this.fail(answer, error),
    );
  }

  /** Never throws. */
  private handle(handler: FrameHandler, payload: unknown, answer: FrameAnswer): void {
    try {
      const done = handler.handle(payload, answer);
      if (!isPromise(done)) return this.succeed(answer, done);
      done.then(
        (data) => this.succeed(answer, data),
        (error: unknown) => this.fail(answer, error),
      );
    } catch (error) {
      this.fail(answer, error);
    }
  }

  private succeed(answer: FrameAnswer, data: unknown): void {
    try {
      answer.succeed(data);
    } catch (error) {
      // The answer could not be written.
      return this.fail(answer, error);
    }
    this.answered();
  }

  private fail(answer: FrameAnswer, thrown: unknown): void {
    const error = AppError.from(thrown);
    if (error.kind === 'internal') log.error(error.cause ?? error, `request ${answer.requestId}`);
    answer.fail(error);
    this.answered();
  }

  private opened(): void {
    if (++this.unanswered < maxUnanswered || this.isPaused) return;
    this.isPaused = true;
    holdReading(this.socket.conn);
  }

  private answered(): void {
    if (--this.unanswered === 0 && this.onAnswered) {
      this.onAnswered();
      this.onAnswered = undefined;
    }
    if (this.unanswered > maxUnanswered / 2 || !this.isPaused) return;
    this.isPaused = false;
    releaseReading(this.socket.conn);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
