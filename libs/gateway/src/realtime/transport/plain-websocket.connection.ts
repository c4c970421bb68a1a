import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { AppError, type Problem } from '@parley/errors';
import { WebSocket } from 'ws';
import { CloseCode, closeCodeOf } from './close.code';
import { corkUntilTurnEnds } from './cork';
import { FloodGuard, type FloodLimits } from './flood.guard';
import { Heartbeat, type HeartbeatTimes } from './heartbeat';
import { packetType } from './packet';
import {
  type EventFrames,
  readClientFrame,
  readConnectError,
  toConnectPacket,
  toErrorFrame,
  toEventPacket,
} from './plain-websocket.codec';
import { type PlainAuth, withoutToken } from './plain-websocket.handshake';
import { PlainRequests } from './plain-websocket.requests';
import { toTextFrame } from './text.frame';
import { holdReading, holdReadingFor, releaseReading } from './web.socket';

/** With more than this unread, in bytes, a socket is spared what may be lost. */
const volatileBufferBytes = 64 * 1024;
/** How long a peer may take to answer a close frame, in milliseconds. */
const closeTimeoutMs = 2_000;

export interface PlainConnectionOptions extends HeartbeatTimes {
  /** A connection with more unread than this is closed, in bytes. */
  readonly maxBufferedBytes: number;
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

/**
 * A plain WebSocket that Socket.IO takes for one of its own connections: it has the shape of an Engine.IO socket
 * (revision 4), and turns flat JSON frames into Socket.IO packets and back. Hence rooms, middlewares, acks, adapters and
 * closing work on it as on any other.
 */
export class PlainWebSocketConnection extends EventEmitter {
  readonly protocol = 4;
  readonly remoteAddress: string | undefined;
  readonly transport: { readonly name: string; readonly socket: WebSocket; readonly writable: boolean };
  /** Socket.IO reads the handshake from here. */
  request: unknown;
  readyState: 'open' | 'closed' = 'open';
  private readonly webSocket: WebSocket;
  private readonly tcp: TcpSocket;
  private readonly requests = new PlainRequests();
  private readonly flood: FloodGuard;
  private readonly heartbeat: Heartbeat;
  /** What `close()` says when its caller gives no code: Socket.IO never does. */
  private closing: readonly [code: number, reason: string] = [CloseCode.tryAgainLater, 'try again later'];
  private isOverflowing = false;

  constructor(
    readonly id: string,
    { webSocket, tcp, request }: AcceptedWebSocket,
    private readonly options: PlainConnectionOptions,
  ) {
    super();
    this.webSocket = webSocket;
    this.tcp = tcp;
    this.request = withoutToken(request);
    this.remoteAddress = tcp.remoteAddress;
    this.transport = {
      name: 'plain-websocket',
      socket: webSocket,
      /** False makes Socket.IO drop volatile events. */
      get writable() {
        return tcp.writableLength < volatileBufferBytes;
      },
    };
    this.flood = new FloodGuard(options.flood);
    this.heartbeat = new Heartbeat(options, {
      ping: () => webSocket.ping(),
      isPaused: () => webSocket.isPaused,
      lost: () => this.lose(),
    });
    this.listen();
  }

  /** Asks Socket.IO to let the client in. Nothing is read from it until it is: what it says too early is not lost. */
  connect(auth: PlainAuth): void {
    holdReading(this);
    this.emit('data', toConnectPacket(auth));
  }

  /** Tells the client why it may not come in, and closes. */
  refuse({ detail, ...problem }: Partial<Problem>): void {
    const { code = 'internal_error', status = 500, retryable = true } = problem;
    const fallback = new AppError(code);
    this.send(toTextFrame(toErrorFrame({ message: detail ?? fallback.message, code })));
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
        this.closing = [CloseCode.goingAway, 'closed'];
        releaseReading(this);
        break;
      case packetType.disconnect:
        // A Socket.IO client would keep the connection for other namespaces; here there are none.
        this.closing = [CloseCode.refused, 'disconnected'];
        process.nextTick(() => this.close());
        break;
      case packetType.connectError:
        this.refuse(readConnectError(packet));
        break;
    }
    return this;
  }

  /** Called by Socket.IO. */
  close(): void {
    this.closeWith(...this.closing);
  }

  /** Sends what was written so far and a close frame. To the server the connection is gone at once. */
  closeWith(code: number, reason: string): void {
    if (this.readyState !== 'open') return;
    // The answer to the close frame has to be read.
    this.webSocket.resume();
    this.webSocket.close(code, reason);
    const timer = setTimeout(() => this.webSocket.terminate(), closeTimeoutMs).unref();
    this.webSocket.once('close', () => clearTimeout(timer));
    this.end('forced close');
  }

  private listen(): void {
    this.webSocket.on('message', (data: Buffer, isBinary) => this.receive(data, isBinary));
    this.webSocket.on('pong', () => this.heartbeat.beat());
    // A frame that is too large, say: ws has sent a close frame already.
    this.webSocket.on('error', (error) => this.end('transport error', error));
    this.webSocket.once('close', () => this.end('transport close'));
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.readyState !== 'open') return;
    this.heartbeat.beat();
    this.slowDown();
    if (isBinary)
      return this.sendError(new AppError('malformed_request', { detail: 'Binary frames are not accepted' }));
    const text = data.toString();
    const frame = readClientFrame(text);
    if ('error' in frame) {
      if (frame.requestId === undefined) this.sendError(frame.error);
      else this.sendText(PlainRequests.failure(frame.requestId, frame.error));
    } else if (frame.requestId === undefined) {
      this.emit('data', toEventPacket(frame.event, undefined, text));
    } else {
      const packetId = this.requests.open(frame.requestId);
      if (packetId === undefined) this.sendText(PlainRequests.failure(frame.requestId, new AppError('rate_limited')));
      else this.emit('data', toEventPacket(frame.event, packetId, text));
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
    if (this.isOverflowing || this.webSocket.readyState !== WebSocket.OPEN) return;
    corkUntilTurnEnds(this.tcp);
    this.tcp.write(frame);
    if (this.tcp.writableLength <= this.options.maxBufferedBytes) return;
    this.isOverflowing = true;
    // Not now: whoever emits would see the socket leave its rooms in the middle of a broadcast.
    process.nextTick(() => this.closeWith(CloseCode.slowConsumer, 'slow_consumer'));
  }

  private lose(): void {
    this.webSocket.terminate();
    this.end('ping timeout');
  }

  private end(reason: string, description?: unknown): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.heartbeat.stop();
    this.emit('close', reason, description);
  }
}
