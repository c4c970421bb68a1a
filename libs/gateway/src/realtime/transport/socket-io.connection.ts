import { catalogue } from '@parley/errors';
import type { Socket } from 'socket.io';
import { Backlog, type BacklogMarks, type BacklogPeer } from './backlog';
import { CloseCode, closeTimeoutMs, slowCloseTimeoutMs } from './close.code';
import { FloodGuard, type FloodLimits } from './flood.guard';
import { markLate } from './late.sockets';
import { packetType } from './packet';
import { holdReadingFor, webSocketOf } from './web.socket';

/** Engine.IO's socket: what carries a Socket.IO client. */
export type EngineSocket = Socket['conn'];

/** How often a client may ask to be let in on one connection: each time its token is verified. */
const maxConnects = 10;

interface EnginePacket {
  readonly type: string;
  readonly data?: string | Buffer;
}

/**
 * Closes a Socket.IO client's connection with a WebSocket close code. What was written so far goes out first.
 *
 * @param discard what Engine.IO still queues does not go out; the client is slow, and gets more time to read the rest.
 */
export function closeEngineSocket(conn: EngineSocket, code: number, reason: string, discard = false): void {
  const webSocket = webSocketOf(conn);
  // Engine.IO closes, when it has written what it queued, without a code of ours: so it gets a close() that knows it.
  webSocket.close = webSocket.close.bind(webSocket, code, reason);
  // The answer to the close frame has to be read.
  webSocket.resume();
  const timer = setTimeout(() => webSocket.terminate(), discard ? slowCloseTimeoutMs : closeTimeoutMs).unref();
  webSocket.once('close', () => clearTimeout(timer));
  conn.close(discard);
}

/**
 * Coalesces what is written to a Socket.IO client that was let in, and bounds what may pile up: Engine.IO queues without a
 * bound while the client does not read.
 */
export function boundOutgoing(socket: Socket, marks: BacklogMarks): void {
  const { conn } = socket;
  // A connection that was let in before: its request is forgotten.
  const request = conn.request as typeof conn.request | undefined;
  if (request === undefined) return;
  const backlog = new Backlog(request.socket, marks, new EnginePeer(socket));
  conn.on('flush', () => backlog.flushed());
  conn.on('packetCreate', ({ data }: EnginePacket) => {
    if (!conn.transport.writable) backlog.queued(data?.length ?? 0);
  });
}

class EnginePeer implements BacklogPeer {
  constructor(private readonly socket: Socket) {}

  late(isLate: boolean): void {
    markLate(this.socket, isLate);
  }

  overflow(): void {
    closeEngineSocket(this.socket.conn, CloseCode.slowConsumer, 'slow_consumer', true);
  }
}

/** Slows a client down that says too much, and closes it when it asks to be let in over and over. */
export function boundIncoming(conn: EngineSocket, limits: FloodLimits): void {
  const flood = new FloodGuard(limits);
  let connects = 0;
  conn.on('packet', ({ type, data }: EnginePacket) => {
    const isConnect = type === 'message' && typeof data === 'string' && data.startsWith(packetType.connect);
    if (isConnect) connects++;
    if (connects > maxConnects) sendAway(conn, 'rate_limited');
    const pauseMs = flood.take();
    if (pauseMs > 0 && !webSocketOf(conn).isPaused) holdReadingFor(conn, pauseMs);
  });
}

/** There may be no socket yet, or several that came of repeated requests: the packets are written by hand. */
function sendAway(conn: EngineSocket, code: 'rate_limited'): void {
  conn.write(packetType.event + JSON.stringify(['error', { message: catalogue[code].detail, code }]));
  conn.write(packetType.disconnect);
  closeEngineSocket(conn, CloseCode.limited, code);
}
