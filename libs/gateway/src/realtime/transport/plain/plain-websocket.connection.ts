import { randomUUID } from 'node:crypto';
import { AppError, toProblem } from '@parley/errors';
import { PacketType } from 'socket.io-parser';
import { CloseCode } from '@parley/contracts';
import { closeCodeOf } from '../connection/close.code';
import { type AcceptedWebSocket, Connection, type ConnectionOptions } from '../connection/connection';
import { packetType } from '../socket-io/packet';
import {
  readClientFrame,
  readConnectError,
  type Refusal,
  type RequestIdJson,
  toAckFrame,
  toErrorFrame,
} from './plain-websocket.codec';
import { type PlainAuth, withoutToken } from './plain-websocket.handshake';
import type { EventFrame } from '../event.frame';
import type { Ack } from '../frame.listener';
import { toTextFrame } from '../connection/text.frame';
import { holdReading, releaseReading } from '../connection/web.socket';

type Ending = readonly [code: number, reason: string];

const tryAgainLater: Ending = [CloseCode.tryAgainLater, 'try again later'];
const goingAway: Ending = [CloseCode.goingAway, 'closed'];
const sentAway: Ending = [CloseCode.refused, 'disconnected'];

/** A plain WebSocket: turns flat JSON frames into what Socket.IO would have read from a packet, and packets into frames. */
export class PlainWebSocketConnection extends Connection {
  /** What `close()` says when its caller gives no code: Socket.IO never does. */
  private closing = tryAgainLater;

  constructor(id: string, accepted: AcceptedWebSocket, options: ConnectionOptions) {
    super(id, accepted, options);
    this.request = withoutToken(accepted.request);
  }

  /** Asks Socket.IO to let the client in. Nothing is read from it until it is: what it says too early is not lost. */
  connect(auth: PlainAuth): void {
    holdReading(this);
    this.client.take({ type: PacketType.CONNECT, nsp: '/', data: auth });
  }

  /** Tells the client why it may not come in, and closes. */
  refuse({ code = 'internal_error', retry_after, reconnect_after_ms, ...problem }: Refusal): void {
    const known = new AppError(code);
    const { detail: message = known.message, status = known.status, retryable = known.retryable } = problem;
    this.sendText(toErrorFrame({ message, code, retryable, retry_after, reconnect_after_ms }));
    this.closeWith(closeCodeOf({ status, retryable }), code);
  }

  /** Called by Socket.IO with each packet for the client; those of one broadcast share one string. */
  write(packet: unknown): void {
    if (this.readyState !== 'open' || typeof packet !== 'string') return;
    switch (packet.charAt(0)) {
      case packetType.event:
        this.send(this.options.eventFrames.of(packet));
        break;
      case packetType.connect:
        this.closing = goingAway;
        releaseReading(this);
        break;
      case packetType.disconnect:
        // A Socket.IO client would keep the connection for other namespaces; here there are none.
        this.closing = sentAway;
        process.nextTick(() => this.close());
        break;
      case packetType.connectError:
        this.refuse(readConnectError(packet));
        break;
    }
  }

  ping(): void {
    this.webSocket.ping();
  }

  /** Called by Socket.IO. */
  close(): void {
    this.closeWith(...this.closing);
  }

  protected bytesOf({ plain }: EventFrame): Buffer {
    return plain;
  }

  protected read(data: Buffer, isBinary: boolean): void {
    if (isBinary)
      return this.sendError(new AppError('malformed_request', { detail: 'Binary frames are not accepted' }));
    const text = data.toString();
    const frame = readClientFrame(text);
    if ('error' in frame) {
      if (frame.requestId === undefined) this.sendError(frame.error);
      else this.ackTo(frame.requestId)(JSON.stringify({ ok: false, error: toProblem(frame.error, randomUUID()) }));
    } else {
      const { event, payload, requestId } = frame;
      this.client.say(event, payload, requestId === undefined ? undefined : this.ackTo(requestId));
    }
  }

  private ackTo(requestId: RequestIdJson): Ack {
    return (json) => this.sendText(toAckFrame(requestId, json));
  }

  private sendError(error: AppError): void {
    this.sendText(toErrorFrame({ message: error.message, code: error.code }));
  }

  private sendText(text: string): void {
    this.send(toTextFrame(text));
  }
}
