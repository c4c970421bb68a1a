import type { Socket } from 'socket.io';
import { lateRoom } from '../../rooms';

/** Notes that a socket is behind with reading, or no more: see {@link lateRoom}. */
export function markLate(socket: Socket | undefined, isLate: boolean): void {
  if (!isLate) void socket?.leave(lateRoom);
  else if (socket?.connected) void socket.join(lateRoom);
}
