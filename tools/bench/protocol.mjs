// How the two transports say what a load needs. What a frame is, is told by one byte of it: most of them are only counted.
const letter = (character) => character.charCodeAt(0);

/** What a frame can be to a client that measures. */
export const kinds = { message: 0, ack: 1, session: 2, opened: 3, ping: 4, failure: 5, other: 6 };

/** By the first letter of the event; all that are not here are of no concern. */
const byLetter = new Map([
  [letter('n'), kinds.message],
  [letter('a'), kinds.ack],
  [letter('s'), kinds.session],
  [letter('e'), kinds.failure],
  [letter('r'), kinds.failure],
  [letter('d'), kinds.failure],
]);

/** Plain WebSocket: `{"type":"<event>",...}`. */
const websocket = {
  path: (token, heads) => `/api/ws?token=${token}${heads ? `&heads=${encodeURIComponent(JSON.stringify(heads))}` : ''}`,
  kindOf: (bytes, start) => byLetter.get(bytes[start + 9]) ?? kinds.other,
  encodeSend: (number, body) => `{"type":"send_message","request_id":"${number}",${JSON.stringify(body).slice(1)}`,
  ackNumber: (text) => Number(/"request_id":"(\d+)"/.exec(text)?.[1]),
  greeting: '{"type":"ping"}',
};

/** Socket.IO: an engine.io digit, a Socket.IO digit, then `["<event>",{...}]`. */
const socketio = {
  path: () => '/socket.io/?EIO=4&transport=websocket',
  kindOf(bytes, start) {
    if (bytes[start] === letter('2')) return kinds.ping;
    if (bytes[start] === letter('0')) return kinds.opened;
    if (bytes[start] !== letter('4')) return kinds.failure;
    switch (bytes[start + 1]) {
      case letter('2'):
        return byLetter.get(bytes[start + 4]) ?? kinds.other;
      case letter('3'):
        return kinds.ack;
      case letter('0'):
        return kinds.other;
      default:
        return kinds.failure;
    }
  },
  /** Answers to what the protocol itself asks. */
  authenticate: (token, heads) => `40${JSON.stringify({ token, heads })}`,
  pong: '3',
  encodeSend: (number, body) => `42${number}["send_message",${JSON.stringify(body)}]`,
  ackNumber: (text) => Number.parseInt(text.slice(2), 10),
  greeting: '42["ping"]',
};

/** The bare loop: frames as on plain WebSocket, and what is sent goes to all. */
const bare = {
  ...websocket,
  path: () => '/',
  encodeSend: (number) => `{"type":"send_message","number":${number}}`,
  greeting: '{"type":"hello"}',
};

export const protocols = { websocket, socketio, bare };
