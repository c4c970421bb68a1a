import { FrameSocket } from './frame-socket.mjs';

const beginning = (event) => Buffer.from(`{"type":"${event}"`);
const change = beginning('user_status_change');
const ack = beginning('ack');
const session = beginning('session');

/** One user's plain WebSocket, which counts the changes of presence that it is shown. */
export class PresenceSocket {
  changes = 0;
  #socket;
  #acked = () => undefined;

  /** @returns {Promise<PresenceSocket>} once the session is there */
  static connect({ port, token }) {
    return new Promise((resolve, reject) => {
      const socket = new PresenceSocket();
      socket.#socket = new FrameSocket({
        port,
        path: `/api/ws?token=${token}`,
        onFrame: (bytes, start) => {
          if (socket.#is(bytes, start, change)) socket.changes++;
          else if (socket.#is(bytes, start, ack)) socket.#acked();
          else if (socket.#is(bytes, start, session)) resolve(socket);
        },
        onClose: (reason) => reject(new Error(`a socket was closed: ${reason}`)),
      });
    });
  }

  /** Resolves when it was acknowledged. */
  setStatus(status) {
    return new Promise((resolve) => {
      this.#acked = resolve;
      this.#socket.send(`{"type":"set_status","request_id":"1","status":"${status}"}`);
    });
  }

  close() {
    this.#socket.close();
  }

  #is(bytes, start, event) {
    return bytes.compare(event, 0, event.length, start, start + event.length) === 0;
  }
}
