import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { AppError } from '@parley/errors';
import { WebSocket } from 'ws';
import type { Socket } from 'socket.io';
import { Backlog, type BacklogMarks, type BacklogPeer } from './backlog';
import { CloseCode, closeCodeOf, closeTimeoutMs, slowCloseTimeoutMs } from './close.code';
import { FloodGuard, type FloodLimits } from './flood.guard';
import { Heartbeat, type HeartbeatPeer, type HeartbeatTimes } from './heartbeat';
import { markLate } from './late.sockets';
import { packetType } from './packet';
import { EventPacket } from './packet.codec';
import {
  type EventFrames,
  readClientFrame,
  readConnectError,
  type Refusal,
  toConnectPacket,
  toErrorFrame,
} from './plain-websocket.codec';
import { type PlainAuth, withoutToken } from './plain-websocket.handshake';
import { PlainRequests } from './plain-websocket.requests';
import { toTextFrame } from './text.frame';
import { holdReading, holdReadingFor, releaseReading } from './web.socket';

export interface PlainConnectionOptions extends HeartbeatTimes, BacklogMarks {
  readonly flood: FloodLimits;
  /** Shared by all connections of the process. */
  readonly eventFrames: EventFrames;
}

/** A WebSocket as the HTTP server's upgrade gave it. */
export interface AcceptedWebSocket {
  readonly webSocket: WebSocket;
  readonly tcp: TcpSocket;
  readonly request: IncomingMessage;
}

type Ending = readonly [code: number, reason: string];

const tryAgainLater: Ending = [CloseCode.tryAgainLater, 'try again later'];
const goingAway: Ending = [CloseCode.goingAway, 'closed'];
const sentAway: Ending = [CloseCode.refused, 'disconnected'];

/** What Socket.IO looks at of a connection's transport. */
class PlainWebSocketTransport {
  constructor(
    readonly socket: WebSocket,
    private readonly backlog: Backlog,
  ) {}

  get name(): string {
    return 'plain-websocket';
  }

  /** False makes Socket.IO drop volatile events. */
  get writable(): boolean {
    return !this.backlog.isLate;
  }
}

/**
 * A plain WebSocket that Socket.IO takes for one of its own connections: it has the shape of an Engine.IO socket
 * (revision 4), and turns flat JSON frames into Socket.IO's packets and back. Hence rooms, middlewares, acks, adapters and
 * closing work on it as on any other.
 */
export class PlainWebSocketConnection extends EventEmitter implements BacklogPeer, HeartbeatPeer {
  readonly protocol = 4;
  readonly remoteAddress: string | undefined;
  readonly transport: PlainWebSocketTransport;
  /** Socket.IO reads the handshake from here. */
  request: unknown;
  readyState: 'open' | 'closed' = 'open';
  /** What Socket.IO made of it, once the client was let in. */
  socket: Socket | undefined;
  private readonly webSocket: WebSocket;
  private readonly backlog: Backlog;
  private readonly requests = new PlainRequests();
  private readonly flood: FloodGuard;
  private readonly heartbeat: Heartbeat;
  /** What `close()` says when its caller gives no code: Socket.IO never does. */
  private closing: Ending = tryAgainLater;

  constructor(
    readonly id: string,
    { webSocket, tcp, request }: AcceptedWebSocket,
    private readonly options: PlainConnectionOptions,
  ) {
    super();
    this.webSocket = webSocket;
    this.backlog = new Backlog(tcp, options, this);
    this.request = withoutToken(request);
    this.remoteAddress = tcp.remoteAddress;
    this.transport = new PlainWebSocketTransport(webSocket, this.backlog);
    this.flood = new FloodGuard(options.flood);
    this.heartbeat = new Heartbeat(options, this);
    this.listen();
  }

  /** Asks Socket.IO to let the client in. Nothing is read from it until it is: what it says too early is not lost. */
  connect(auth: PlainAuth): void {
    holdReading(this);
    this.emit('data', toConnectPacket(auth));
  }

  /** Tells the client why it may not come in, and closes. */
  refuse({ detail, reconnect_after_ms: hint, ...problem }: Refusal): void {
    const { code = 'internal_error', status = 500, retryable = true } = problem;
    const message = detail ?? new AppError(code).message;
    this.send(
      toTextFrame(toErrorFrame({ message, code, ...(hint === undefined ? {} : { reconnect_after_ms: hint }) })),
    );
    this.closeWith(closeCodeOf({ status, retryable }), code);
  }

  /** Called by Socket.IO with each packet for the client; those of one broadcast share one string. */
  write(packet: unknown): this {
    if (this.readyState !== 'open' || typeof packet !== 'string') return this;
    switch (packet.charAt(0)) {
      case packetType.event:
        this.send(this.options.eventFrames.of(packet));
        break;
      case packetType.ack:
        this.sendText(this.requests.answer(packet));
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
    return this;
  }

  late(isLate: boolean): void {
    markLate(this.socket, isLate);
  }

  overflow(): void {
    this.closeWith(CloseCode.slowConsumer, 'slow_consumer', slowCloseTimeoutMs);
  }

  ping(): void {
    this.webSocket.ping();
  }

  isPaused(): boolean {
    return this.webSocket.isPaused;
  }

  lost(): void {
    this.webSocket.terminate();
    this.end('ping timeout');
  }

  /** Called by Socket.IO. */
  close(): void {
    this.closeWith(...this.closing);
  }

  /** Sends what was written so far and a close frame. To the server the connection is gone at once. */
  closeWith(code: number, reason: string, timeoutMs = closeTimeoutMs): void {
    if (this.readyState !== 'open') return;
    // The answer to the close frame has to be read.
    this.webSocket.resume();
    this.webSocket.close(code, reason);
    const timer = setTimeout(() => this.webSocket.terminate(), timeoutMs).unref();
    this.webSocket.once('close', () => clearTimeout(timer));
    this.end('forced close');
  }

  private listen(): void {
    this.webSocket.on('message', (data: Buffer, isBinary) => this.receive(data, isBinary));
    this.webSocket.on('pong', () => this.heartbeat.beat());
    // A frame that is too large, say: ws has sent a close frame already.
    this.webSocket.on('error', (error) => this.end('transport error', error));
    this.webSocket.on('close', () => this.end('transport close'));
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.readyState !== 'open') return;
    this.heartbeat.beat();
    this.slowDown();
    if (isBinary)
      return this.sendError(new AppError('malformed_request', { detail: 'Binary frames are not accepted' }));
    const frame = readClientFrame(data.toString());
    if ('error' in frame) {
      if (frame.requestId === undefined) this.sendError(frame.error);
      else this.sendText(PlainRequests.failure(frame.requestId, frame.error));
    } else if (frame.requestId === undefined) {
      this.emit('data', new EventPacket(frame.event, frame.payload, undefined));
    } else {
      const packetId = this.requests.open(frame.requestId);
      if (packetId === undefined) this.sendText(PlainRequests.failure(frame.requestId, new AppError('rate_limited')));
      else this.emit('data', new EventPacket(frame.event, frame.payload, packetId));
    }
  }

  /** Once per frame. */
  private slowDown(): void {
    const pauseMs = this.flood.take();
    if (pauseMs > 0 && !this.webSocket.isPaused) holdReadingFor(this, pauseMs);
  }

  private sendError(error: AppError): void {
    this.sendText(toErrorFrame({ message: error.message, code: error.code }));
  }

  private sendText(text: string | undefined): void {
    if (text !== undefined) this.send(toTextFrame(text));
  }

  /**
   * Whole frames go to the TCP socket past `ws`, which would build a header for each recipient of a broadcast and write it
   * apart: a fan-out takes half the CPU without. They may come between frames of its own, because without compression it
   * writes a frame at once and in one piece.
   */
  private send(frame: Buffer): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.backlog.write(frame);
  }

  private end(reason: string, description?: unknown): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.heartbeat.stop();
    this.emit('close', reason, description);
  }
}
