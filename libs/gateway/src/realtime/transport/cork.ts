import type { Socket } from 'node:net';

/** Who writes several frames to a TCP socket in one turn of the event loop. */
export interface CorkedWriter {
  readonly tcp: Socket;
  /** What of the turn the system took has left: `tcp.writableLength` is what it did not. */
  turnEnded(): void;
}

let corked: CorkedWriter[] = [];

/**
 * Holds what is written to a TCP socket back until the present turn of the event loop ends, so that several frames of one
 * turn leave in one system call: with many sockets the calls are what costs, not the bytes. Order is kept.
 */
export function corkUntilTurnEnds(writer: CorkedWriter): void {
  const { tcp } = writer;
  if (tcp.writableCorked > 0) return;
  tcp.cork();
  if (corked.push(writer) === 1) setImmediate(uncorkAll);
}

function uncorkAll(): void {
  const writers = corked;
  corked = [];
  for (const writer of writers) {
    writer.tcp.uncork();
    writer.turnEnded();
  }
}
