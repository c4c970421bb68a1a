import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { WebSocket } from 'ws';
import { CloseCode } from '@parley/contracts';
import { Backlog, type BacklogMarks, type BacklogPeer } from './backlog';
import type { CarriedWebSocket, WebSocketListener } from './carried.web-socket';
import { closeTimeoutMs, slowCloseTimeoutMs } from './close.code';
import { FloodGuard, type FloodLimits } from './flood.guard';
import type { Heartbeat, HeartbeatPeer, HeartbeatTimes, Pulse } from './heartbeat';
import { markLate } from './late.sockets';
import type { EventFrame } from '../event.frame';
import type { EventFrames } from '../plain/plain-websocket.codec';
import { SocketIoClient } from '../socket-io/socket-io.client';
import type { SocketIoHub } from '../socket-io/socket-io.hub';
import { holdReadingFor } from './web.socket';

/** Shared by all connections of one transport. */
export interface ConnectionOptions extends HeartbeatTimes, BacklogMarks {
  readonly maxFrameBytes: number;
  readonly flood: FloodLimits;
  /** May what is read now have been given up by its client, and said again elsewhere? */
  readonly isStale: () => boolean;
  readonly hub: SocketIoHub;
  readonly heartbeat: Heartbeat;
  readonly eventFrames: EventFrames;
  /** Called once for each, when it is gone. */
  readonly gone: (connection: Connection) => void;
}

/** A WebSocket as the HTTP server's upgrade gave it. */
export interface AcceptedWebSocket {
  readonly webSocket: CarriedWebSocket;
  readonly tcp: TcpSocket;
  readonly request: IncomingMessage;
}

/**
 * A WebSocket that Socket.IO takes for one of its own connections, as far as it looks at them: hence rooms, middlewares,
 * acks, adapters and closing work whatever the transport is.
 *
 * Most connections are idle most of the time: what one holds is counted in bytes, and what it may never need is made when
 * it is needed.
 */
export abstract class Connection implements BacklogPeer, HeartbeatPeer, WebSocketListener {
  readonly webSocket: CarriedWebSocket;
  /** What Socket.IO reads the handshake from, until the client was let in. */
  request: unknown;
  readyState: 'open' | 'closed' = 'open';
  readonly client: SocketIoClient;
  readonly pulse: Pulse;
  protected readonly backlog: Backlog;
  private flood: FloodGuard | undefined;

  constructor(
    readonly id: string,
    { webSocket, tcp }: AcceptedWebSocket,
    protected readonly options: ConnectionOptions,
  ) {
    this.webSocket = webSocket;
    this.backlog = new Backlog(tcp, options, this);
    this.client = new SocketIoClient(options.hub, this);
    this.pulse = options.heartbeat.begin();
    webSocket.listener = this;
  }

  /** The revision of Engine.IO's protocol that Socket.IO may expect. */
  get protocol(): number {
    return 4;
  }

  /** Is the client behind with reading? It is spared what is volatile. */
  get isLate(): boolean {
    return this.backlog.isLate;
  }

  /**
   * Writes an event that others are shown, too.
   *
   * @param mayBeLost a client that is behind with reading is spared it.
   */
  show(event: EventFrame, mayBeLost: boolean): void {
    if (this.readyState !== 'open' || (mayBeLost && this.isLate)) return;
    this.send(this.bytesOf(event));
  }

  /** Called by Socket.IO with each packet for the client; those of one broadcast share one string. */
  abstract write(packet: unknown): void;
  abstract ping(): void;
  /** Closes without a code of the caller's. */
  abstract close(): void;
  protected abstract bytesOf(event: EventFrame): Buffer;
  protected abstract read(data: Buffer, isBinary: boolean): void;

  received(data: Buffer, isBinary: boolean): void {
    if (this.readyState !== 'open') return;
    // Unanswered, so that the client says it again if it still wants to.
    if (this.options.isStale()) return this.closeWith(CloseCode.tryAgainLater, 'try again later');
    this.beat();
    this.slowDown();
    this.read(data, isBinary);
  }

  /** The peer said something. */
  beat(): void {
    this.pulse.isHeard = true;
  }

  isWritable(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  late(isLate: boolean): void {
    markLate(this.client.socket, isLate);
  }

  overflow(): void {
    this.closeWith(CloseCode.slowConsumer, 'slow_consumer', slowCloseTimeoutMs);
  }

  isPaused(): boolean {
    return this.webSocket.isPaused;
  }

  lost(): void {
    this.webSocket.terminate();
    this.ended('ping timeout');
  }

  /** Sends what was written so far and a close frame. To the server the connection is gone at once. */
  closeWith(code: number | undefined, reason?: string, timeoutMs = closeTimeoutMs): void {
    if (this.readyState !== 'open') return;
    this.backlog.flush();
    // The answer to the close frame has to be read.
    this.webSocket.resume();
    this.webSocket.close(code, reason);
    const timer = setTimeout(() => this.webSocket.terminate(), timeoutMs).unref();
    this.webSocket.once('close', () => clearTimeout(timer));
    this.ended('forced close');
  }

  ended(reason: string, description?: unknown): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.options.gone(this);
    this.client.closed(reason, description);
  }

  /**
   * Whole frames go to the TCP socket past `ws`, which would build a header for each recipient of a broadcast and write it
   * apart: a fan-out takes half the CPU without. They may come between frames of its own, because without compression it
   * writes a frame at once and in one piece; its last one, which closes, comes after all of ours. Whether the WebSocket is
   * open is asked when they leave.
   */
  protected send(frame: Buffer): void {
    this.backlog.write(frame);
  }

  /** Once per frame. */
  private slowDown(): void {
    this.flood ??= new FloodGuard(this.options.flood);
    const pauseMs = this.flood.take();
    if (pauseMs > 0 && !this.webSocket.isPaused) holdReadingFor(this, pauseMs);
  }
}
