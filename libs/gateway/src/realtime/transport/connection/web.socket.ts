import type { WebSocket } from 'ws';

/** What carries a client, of either transport. */
export interface Carrier {
  readonly webSocket: WebSocket;
}

/** The WebSocket below what Socket.IO calls the connection of a socket. */
export function webSocketOf(conn: object): WebSocket {
  return (conn as Carrier).webSocket;
}

const holds = new WeakMap<WebSocket, number>();

/** Stops reading what the client sends until each hold is released; TCP makes it wait. Nothing is lost. */
export function holdReading(conn: object): void {
  const webSocket = webSocketOf(conn);
  const held = holds.get(webSocket) ?? 0;
  holds.set(webSocket, held + 1);
  if (held === 0) webSocket.pause();
}

export function releaseReading(conn: object): void {
  const webSocket = webSocketOf(conn);
  const held = holds.get(webSocket) ?? 0;
  if (held > 1) holds.set(webSocket, held - 1);
  else if (holds.delete(webSocket)) webSocket.resume();
}

/** Holds reading for a while. */
export function holdReadingFor(conn: object, ms: number): void {
  holdReading(conn);
  setTimeout(() => releaseReading(conn), ms).unref();
}
