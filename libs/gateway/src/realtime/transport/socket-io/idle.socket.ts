import type { Socket } from 'socket.io';

/** Of the handshake: when the socket came, in milliseconds since 1970. */
class PastHandshake {
  constructor(readonly issued: number) {}

  get headers(): object {
    return nothing;
  }
  get auth(): object {
    return nothing;
  }
  get query(): object {
    return nothing;
  }
  get url(): string {
    return '';
  }
}

const nothing = Object.freeze({});
const noMiddlewares = Object.freeze([]);

/** No client is asked for acks here. */
class NoAcks extends Map<number, never> {
  override set(): never {
    throw new Error('Clients are not asked for acks');
  }
}
const noAcks = new NoAcks();

/** What Socket.IO keeps for each socket, and may be shared or forgotten. */
interface Keeping {
  handshake: object;
  acks: Map<number, never>;
  fns: readonly unknown[];
}

/**
 * Lets go of what a socket that was let in needs no more, or never here: the request, the handshake with its token, which
 * Socket.IO would keep for the socket's life, and collections that stay empty.
 */
export function keepIdle(socket: Socket): void {
  (socket.conn as { request: unknown }).request = undefined;
  Object.assign(socket as unknown as Keeping, {
    handshake: new PastHandshake(socket.handshake.issued),
    acks: noAcks,
    fns: noMiddlewares,
  } satisfies Keeping);
}
