import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket as TcpSocket } from 'node:net';
import { isOriginAllowed } from './origin.policy';
import { isPlainWebSocketPath } from './plain/plain-websocket.handshake';
import type { WebSocketEngine } from './websocket.engine';

/** Where Engine.IO listens; it wants the last slash. */
export const socketIoPath = '/socket.io/';

export interface UpgradeAdmission {
  readonly allowedOrigins: readonly string[];
  /** May there be one connection more, whoever it is? */
  hasRoom(): boolean;
}

/** When those may come back who were refused before anything was known of them, in seconds: about. */
const returnS = 3;

/** Decides as what an upgrade request of the HTTP server is taken: a Socket.IO client, a plain WebSocket, or not at all. */
export class UpgradeRouter {
  private isStopped = false;

  constructor(private readonly admission: UpgradeAdmission) {}

  attach(httpServer: Server, engine: WebSocketEngine): void {
    httpServer.on('upgrade', (request, socket: TcpSocket, head) => {
      const target = request.url ?? '';
      const isSocketIo = target.startsWith(socketIoPath);
      if (!isSocketIo && !isPlainWebSocketPath(target)) return refuse(socket, 404);
      if (isSocketIo && !speaksEngine(target)) return refuse(socket, 400);
      if (!this.admits(request)) return;
      if (isSocketIo) engine.takeSocketIo(request, socket, head);
      else engine.takePlain(request, socket, head);
    });
  }

  /** New connections are refused from here on: 503. */
  stop(): void {
    this.isStopped = true;
  }

  /** One that must not become a connection is answered here. */
  private admits({ socket, headers }: IncomingMessage): boolean {
    if (this.isStopped || !this.admission.hasRoom()) refuse(socket, 503);
    else if (!isOriginAllowed(headers, this.admission.allowedOrigins)) refuse(socket, 403);
    else return true;
    return false;
  }
}

/** Revision 4 of Engine.IO's protocol over a WebSocket, and no session that was begun elsewhere. */
function speaksEngine(target: string): boolean {
  const query = new URLSearchParams(target.split('?', 2)[1]);
  return query.get('EIO') === '4' && query.get('transport') === 'websocket' && !query.has('sid');
}

function refuse(socket: Duplex, status: 400 | 403 | 404 | 503): void {
  // The peer may be gone already.
  socket.on('error', () => undefined);
  const retryAfter = status === 503 ? `Retry-After: ${Math.ceil(returnS * (0.5 + Math.random()))}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${retryAfter}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  );
  socket.once('finish', () => socket.destroy());
}
