import type { WebSocket } from 'ws';

/** What carries a client, of either transport: Engine.IO's socket or a plain WebSocket's connection. */
export interface Carrier {
  readonly transport: object;
}

/** The WebSocket below: the transports are WebSockets only, and both keep theirs in this field. */
export function webSocketOf(carrier: Carrier): WebSocket {
  return (carrier.transport as { readonly socket: WebSocket }).socket;
}

const holds = new WeakMap<WebSocket, number>();

/** Stops reading what the client sends until each hold is released; TCP makes it wait. Nothing is lost. */
export function holdReading(carrier: Carrier): void {
  const webSocket = webSocketOf(carrier);
  const held = holds.get(webSocket) ?? 0;
  holds.set(webSocket, held + 1);
  if (held === 0) webSocket.pause();
}

export function releaseReading(carrier: Carrier): void {
  const webSocket = webSocketOf(carrier);
  const held = holds.get(webSocket) ?? 0;
  if (held > 1) holds.set(webSocket, held - 1);
  else if (holds.delete(webSocket)) webSocket.resume();
}

/** Holds reading for a while. */
export function holdReadingFor(carrier: Carrier, ms: number): void {
  holdReading(carrier);
  setTimeout(() => releaseReading(carrier), ms).unref();
}
