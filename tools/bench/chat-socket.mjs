import { FrameSocket } from './frame-socket.mjs';
import { kinds, protocols } from './protocol.mjs';

/** One user's connection to a gateway, on either transport. */
export class ChatSocket {
  #socket;
  #protocol;
  #token;
  #heads;
  #handlers;

  /**
   * @param {{ port: number, token: string, transport: 'websocket' | 'socketio' | 'bare', heads?: object,
   *   onSession: (bytes: Buffer, start: number, end: number) => void, onMessage: (bytes: Buffer, start: number, end: number) => void,
   *   onAck: (number: number) => void, onFailure: (text: string) => void }} options
   *   `onFailure` hears of everything that a healthy run has not: errors, refused sends, resync, closed connections
   */
  constructor({ port, token, transport, heads, ...handlers }) {
    this.#protocol = protocols[transport];
    this.#token = token;
    this.#heads = heads;
    this.#handlers = handlers;
    this.#socket = new FrameSocket({
      port,
      path: this.#protocol.path(token, heads),
      onFrame: (bytes, start, end) => this.#receive(bytes, start, end),
      onClose: (reason) => handlers.onFailure(reason),
    });
  }

  /** `number` comes back with the acknowledgement. */
  sendMessage(number, body) {
    this.#socket.send(this.#protocol.encodeSend(number, body));
  }

  /** Says something that nobody else hears of. */
  greet() {
    this.#socket.send(this.#protocol.greeting);
  }

  close() {
    this.#socket.close();
  }

  #receive(bytes, start, end) {
    switch (this.#protocol.kindOf(bytes, start)) {
      case kinds.message:
        return this.#handlers.onMessage(bytes, start, end);
      case kinds.ack:
        return this.#acknowledge(bytes.latin1Slice(start, end));
      case kinds.session:
        return this.#handlers.onSession(bytes, start, end);
      case kinds.opened:
        return this.#socket.send(this.#protocol.authenticate(this.#token, this.#heads));
      case kinds.ping:
        return this.#socket.send(this.#protocol.pong);
      case kinds.failure:
        return this.#handlers.onFailure(bytes.utf8Slice(start, end));
    }
  }

  #acknowledge(text) {
    if (!text.includes('"ok":true')) this.#handlers.onFailure(text);
    else this.#handlers.onAck(this.#protocol.ackNumber(text));
  }
}
