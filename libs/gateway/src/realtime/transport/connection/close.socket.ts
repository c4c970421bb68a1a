import type { ServerFrame } from '@parley/contracts';
import { catalogue, isErrorCode } from '@parley/errors';
import { asksToReconnect } from './close.code';
import { SocketIoConnection } from '../socket-io/socket-io.connection';

/** As much of a Socket.IO socket as it takes to close it, whatever events it knows. */
export interface ClosableSocket {
  readonly conn: object;
  emit(event: 'error', frame: ServerFrame<'error'>): unknown;
  disconnect(): unknown;
}

/**
 * Closes a connected socket, of either transport, with a WebSocket close code and a reason (a code of the error catalogue
 * or another snake_case word, 123 bytes at most). Returns at once; rooms are left before the next turn of the event loop.
 *
 * A code that asks to reconnect (below 4400) makes Socket.IO's client do so by itself. Any other sends an `error` first, and
 * tells that client to stay away.
 */
export function closeSocket(socket: ClosableSocket, code: number, reason: string): void {
  const mayReturn = asksToReconnect(code);
  if (!mayReturn) {
    socket.emit('error', { message: isErrorCode(reason) ? catalogue[reason].detail : reason, code: reason });
    if (socket.conn instanceof SocketIoConnection) socket.disconnect();
  }
  (socket.conn as { closeWith(code: number, reason: string): void }).closeWith(code, reason);
}
