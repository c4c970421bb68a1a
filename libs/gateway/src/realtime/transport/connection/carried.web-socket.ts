import { WebSocket } from 'ws';

/** Who hears what comes of a WebSocket. */
export interface WebSocketListener {
  received(data: Buffer, isBinary: boolean): void;
  /** The peer has answered a ping. */
  beat(): void;
  ended(reason: 'transport error' | 'transport close', description?: unknown): void;
}

/** A WebSocket that tells one listener what happens: four closures each would take as much memory as it takes itself. */
export class CarriedWebSocket extends WebSocket {
  listener: WebSocketListener | undefined;

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { listener } = this;
    if (listener === undefined) return super.emit(event, ...args);
    if (event === 'message') listener.received(args[0] as Buffer, args[1] === true);
    else if (event === 'pong') listener.beat();
    else if (event === 'close') listener.ended('transport close');
    else if (event === 'error') {
      // A frame that is too large, say: ws has sent a close frame already.
      listener.ended('transport error', args[0]);
      return true;
    }
    return super.emit(event, ...args);
  }
}
