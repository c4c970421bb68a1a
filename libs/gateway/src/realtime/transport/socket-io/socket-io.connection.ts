import type { IncomingMessage } from 'node:http';
import { catalogue } from '@parley/errors';
import { CloseCode } from '@parley/contracts';
import { type AcceptedWebSocket, Connection, type ConnectionOptions } from '../connection/connection';
import type { EventFrame } from '../event.frame';
import { toTextFrame } from '../connection/text.frame';
import { engineType, packetType, toEngineMessage } from './packet';

/** Binary data in text, as clients send it that cannot do otherwise. */
const base64Type = 'b';

const pingFrame = toTextFrame(engineType.ping);

/** How often a client may ask to be let in on one connection: each time its token is verified. */
const maxConnects = 10;

/** A client of Socket.IO: each of its packets comes and goes in a message of Engine.IO, over a WebSocket and nothing else. */
export class SocketIoConnection extends Connection {
  private connects = 0;

  constructor(id: string, accepted: AcceptedWebSocket, options: ConnectionOptions) {
    super(id, accepted, options);
    this.request = handshakeOf(accepted.request);
    const { pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout, maxFrameBytes: maxPayload } = options;
    const opening = { sid: id, upgrades: [], pingInterval, pingTimeout, maxPayload };
    this.send(toTextFrame(engineType.open + JSON.stringify(opening)));
  }

  write(packet: unknown): void {
    if (this.readyState !== 'open' || typeof packet !== 'string') return;
    this.send(
      packet.startsWith(packetType.event) ? this.options.eventFrames.of(packet) : toTextFrame(toEngineMessage(packet)),
    );
  }

  ping(): void {
    this.send(pingFrame);
  }

  close(): void {
    this.closeWith(undefined);
  }

  protected bytesOf({ socketIo }: EventFrame): Buffer {
    return socketIo;
  }

  protected read(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.client.receive(data);
    const text = data.toString();
    switch (text.charAt(0)) {
      case engineType.message:
        return this.message(text.slice(1));
      case base64Type:
        return this.client.receive(Buffer.from(text.slice(1), 'base64'));
      case engineType.pong:
      case engineType.open:
      case engineType.close:
      case engineType.upgrade:
      case engineType.noop:
        return;
      default:
        // No packet, or a ping, which only the server may.
        this.close();
    }
  }

  private message(packet: string): void {
    if (packet.startsWith(packetType.connect) && ++this.connects > maxConnects) this.sendAway('rate_limited');
    else this.client.receive(packet);
  }

  /** There may be no socket yet: the packets are written by hand. */
  private sendAway(code: 'rate_limited'): void {
    this.write(packetType.event + JSON.stringify(['error', { message: catalogue[code].detail, code }]));
    this.write(packetType.disconnect);
    this.closeWith(CloseCode.limited, code);
  }
}

/** What is kept of the request: not the request. */
function handshakeOf({ headers, url = '', socket }: IncomingMessage) {
  const query = Object.fromEntries(new URLSearchParams(url.split('?', 2)[1]));
  return { headers, url, _query: query, connection: { encrypted: 'encrypted' in socket } };
}
