import { catalogue } from '@parley/errors';
import type { Socket } from 'socket.io';
import { CloseCode } from './close.code';
import { corkUntilTurnEnds } from './cork';
import { FloodGuard, type FloodLimits } from './flood.guard';
import { packetType } from './packet';
import { holdReadingFor, webSocketOf } from './web.socket';

/** Engine.IO's socket: what carries a Socket.IO client. */
export type EngineSocket = Socket['conn'];

export interface EngineSocketLimits {
  /** A connection with more unread than this is closed, in bytes. */
  readonly maxBufferedBytes: number;
  readonly flood: FloodLimits;
}

/** How often a client may ask to be let in on one connection: each time its token is verified. */
const maxConnects = 10;
/** How long a peer may take to answer a close frame, in milliseconds. */
const closeTimeoutMs = 2_000;

interface EnginePacket {
  readonly type: string;
  readonly data?: string | Buffer;
}

/** Coalesces what is written to a Socket.IO client, and bounds what may pile up in both directions. */
export function tendEngineSocket(conn: EngineSocket, limits: EngineSocketLimits): void {
  boundOutgoing(conn, limits.maxBufferedBytes);
  boundIncoming(conn, limits.flood);
}

/**
 * Closes a Socket.IO client's connection with a WebSocket close code. What was written so far goes out first, unless it is
 * to be discarded.
 */
export function closeEngineSocket(conn: EngineSocket, code: number, reason: string, discard = false): void {
  const webSocket = webSocketOf(conn);
  // Engine.IO closes, when it has written what it queued, without a code of ours: so it gets a close() that knows it.
  webSocket.close = webSocket.close.bind(webSocket, code, reason);
  // The answer to the close frame has to be read.
  webSocket.resume();
  const timer = setTimeout(() => webSocket.terminate(), closeTimeoutMs).unref();
  webSocket.once('close', () => clearTimeout(timer));
  conn.close(discard);
}

/** Engine.IO queues without a bound while the client does not read. */
function boundOutgoing(conn: EngineSocket, maxBufferedBytes: number): void {
  const tcp = conn.request.socket;
  let queuedBytes = 0;
  let isOverflowing = false;
  conn.on('flush', () => {
    queuedBytes = 0;
    corkUntilTurnEnds(tcp);
  });
  conn.on('packetCreate', ({ data }: EnginePacket) => {
    if (conn.transport.writable || isOverflowing) return;
    // Characters stand for bytes: counting those would cost more than the bound is worth.
    queuedBytes += data?.length ?? 0;
    if (queuedBytes + tcp.writableLength <= maxBufferedBytes) return;
    isOverflowing = true;
    // Not now: whoever emits would see the socket leave its rooms in the middle of a broadcast.
    process.nextTick(() => closeEngineSocket(conn, CloseCode.slowConsumer, 'slow_consumer', true));
  });
}

function boundIncoming(conn: EngineSocket, limits: FloodLimits): void {
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
