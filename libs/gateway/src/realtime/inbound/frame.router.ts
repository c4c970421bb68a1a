import { Logger } from '@nestjs/common';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { AppError } from '@parley/errors';
import type { Socket } from 'socket.io';
import { holdReading, releaseReading } from '../transport/connection/web.socket';
import { FrameAnswer } from './frame.answer';

/** With so many frames unanswered a socket is not read from, until half of them are answered. */
const maxUnanswered = 256;
/** What is answered whenever it comes: whoever asks wants to know that the connection lives. */
const heartbeat = 'ping';
/** As much of an unknown event's name as is repeated to the client. */
const maxEchoedLength = 64;

type Handler = MessageMappingProperties['callback'];

const log = new Logger('FrameRouter');
const routers = new WeakMap<Socket, FrameRouter>();
/** The sockets whose frames are kept for now. */
const holding = new WeakSet<Socket>();
let isMaking = false;

/** What a socket said. */
interface Heard {
  readonly event: unknown;
  readonly args: unknown[];
}

/** Adds handlers to what a socket understands: once it speaks, {@link bindFrames}. */
export type BindHandlers = (socket: Socket) => void;

/**
 * Answers what sockets say: one listener for all of them, called on the socket that speaks. Its handlers are made when it
 * first says something: most sockets only listen, and handlers are most of what a socket would cost.
 */
export function frameListener(bind: BindHandlers): (this: Socket, event: unknown, ...args: unknown[]) => void {
  return function (this: Socket, event, ...args) {
    let router = routers.get(this);
    if (!router) {
      router = routerOf(this);
      isMaking = true;
      try {
        bind(this);
      } finally {
        isMaking = false;
      }
    }
    router.hear(event, args);
  };
}

/** Are handlers being made for a socket that has been there before? */
export function isMakingHandlers(): boolean {
  return isMaking;
}

/** Adds the handlers of one class to what a socket understands. */
export function bindFrames(socket: Socket, handlers: readonly MessageMappingProperties[]): void {
  routerOf(socket).add(handlers);
}

function routerOf(socket: Socket): FrameRouter {
  let router = routers.get(socket);
  if (!router) routers.set(socket, (router = new FrameRouter(socket)));
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
  private handlers: Map<string, Handler> | undefined;
  /** What waits until the socket may speak. */
  private held: Heard[] | undefined;
  private unanswered = 0;
  private isPaused = false;
  private onAnswered: (() => void) | undefined;

  constructor(private readonly socket: Socket) {}

  add(handlers: readonly MessageMappingProperties[]): void {
    this.handlers ??= new Map();
    for (const { message, callback } of handlers) this.handlers.set(String(message), callback);
  }

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
    for (const { event, args } of this.takeHeld()) {
      this.route(event, args);
      this.answered();
    }
  }

  discard(): void {
    for (let left = this.takeHeld().length; left > 0; left--) this.answered();
  }

  /** Hears what no handler is for, too. */
  hear(event: unknown, args: unknown[]): void {
    if (!holding.has(this.socket) || event === heartbeat) return this.route(event, args);
    (this.held ??= []).push({ event, args });
    this.opened();
  }

  private takeHeld(): readonly Heard[] {
    const held = this.held ?? [];
    this.held = undefined;
    return held;
  }

  private route(event: unknown, args: unknown[]): void {
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as (answer: object) => void) : undefined;
    const name = typeof event === 'string' ? event : '';
    const answer = new FrameAnswer(this.socket, name.slice(0, maxEchoedLength), ack);
    const handler = this.handlers?.get(name);
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
    if (--this.unanswered === 0 && this.onAnswered) {
      this.onAnswered();
      this.onAnswered = undefined;
    }
    if (this.unanswered > maxUnanswered / 2 || !this.isPaused) return;
    this.isPaused = false;
    releaseReading(this.socket.conn);
  }
}
