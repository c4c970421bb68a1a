import type { Socket } from 'node:net';

let corked: Socket[] = [];

/**
 * Holds what is written to a TCP socket back until the present turn of the event loop ends, so that several frames of one
 * turn leave in one system call: with many sockets the calls are what costs, not the bytes. Order is kept.
 */
export function corkUntilTurnEnds(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  if (corked.push(socket) === 1) setImmediate(uncorkAll);
}

function uncorkAll(): void {
  const sockets = corked;
  corked = [];
  for (const socket of sockets) socket.uncork();
}
