import type { Server, Socket } from 'socket.io';

/** Takes the answer to a frame, as the JSON of an object; what comes after the first is ignored. */
export type Ack = (json: string) => void;

/** Hears what clients say, over either transport. */
export interface FrameListener {
  /**
   * Called once for each frame of a socket, in their order, and never within the read of a frame.
   *
   * @param ack where the client asked for an answer.
   */
  hear(socket: Socket, event: unknown, payload: unknown, ack: Ack | undefined): void;
}

const listeners = new WeakMap<Server, FrameListener>();

/** From here on all that a server's sockets say goes there. */
export function setFrameListener(server: Server, listener: FrameListener): void {
  listeners.set(server, listener);
}

export function frameListenerOf(server: Server): FrameListener | undefined {
  return listeners.get(server);
}
