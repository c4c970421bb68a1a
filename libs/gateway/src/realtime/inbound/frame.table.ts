import type { Server, Socket } from 'socket.io';
import { type Ack, type FrameListener, setFrameListener } from '../transport/frame.listener';
import { type FrameHandler, handlersOf } from './frame.handler';
import { type FrameCounter, type KnownFrames, routerOf } from './frame.router';

/** What a server's sockets understand. */
export class FrameTable implements FrameListener, KnownFrames {
  private readonly handlers = new Map<string, FrameHandler>();
  counter: FrameCounter | undefined;

  /** Adds the events that an instance's class names. */
  add(instance: object): void {
    for (const [event, handler] of handlersOf(instance)) this.set(event, handler);
  }

  set(event: string, handler: FrameHandler): void {
    this.handlers.set(event, handler);
  }

  get(event: string): FrameHandler | undefined {
    return this.handlers.get(event);
  }

  hear(socket: Socket, event: unknown, payload: unknown, ack: Ack | undefined): void {
    routerOf(socket).hear(this, { event, payload, ack });
  }
}

const tables = new WeakMap<Server, FrameTable>();

/** The table of a server, which hears its sockets from the first call on. */
export function frameTableOf(server: Server): FrameTable {
  let table = tables.get(server);
  if (!table) {
    tables.set(server, (table = new FrameTable()));
    setFrameListener(server, table);
  }
  return table;
}
