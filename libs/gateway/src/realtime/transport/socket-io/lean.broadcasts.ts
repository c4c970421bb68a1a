import type { Socket } from 'socket.io';
import type { Adapter, BroadcastOptions } from 'socket.io-adapter';

/** As much of an adapter as brings packets to sockets. */
interface Broadcaster {
  readonly nsp: { readonly sockets: ReadonlyMap<string, Socket> };
  readonly encoder: { encode(packet: unknown): unknown[] };
  readonly rooms: { get(room: string): Iterable<string> | undefined };
  _encode(packet: unknown): unknown[];
  apply(options: BroadcastOptions, visit: (socket: Socket) => void): void;
}

/** Lets an adapter do no more for each recipient of a broadcast, and for each broadcast, than what the connections here need. */
export function keepBroadcastsLean(adapter: Adapter): void {
  const broadcaster = adapter as unknown as Broadcaster;
  const applyToAll = broadcaster.apply.bind(adapter);
  Object.assign(broadcaster, {
    // Socket.IO would write a frame of its own engine as well.
    _encode: (packet) => broadcaster.encoder.encode(packet),
    apply: (options, visit) => {
      const { rooms, except } = options;
      if (rooms.size !== 1 || (except !== undefined && except.size > 0)) return applyToAll(options, visit);
      // In one room nobody is met twice: it need not be noted who was.
      const { sockets } = broadcaster.nsp;
      for (const room of rooms) {
        for (const id of broadcaster.rooms.get(room) ?? []) {
          const socket = sockets.get(id);
          if (socket) visit(socket);
        }
      }
    },
  } satisfies Partial<Broadcaster>);
}
