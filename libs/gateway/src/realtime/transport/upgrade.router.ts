import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket as TcpSocket } from 'node:net';
import { isOriginAllowed } from './origin.policy';
import { isPlainWebSocketPath } from './plain-websocket.handshake';
import type { PlainWebSocketEngine } from './plain-websocket.engine';

/** Where Engine.IO listens; it wants the last slash. */
export const socketIoPath = '/socket.io/';

export interface UpgradeAdmission {
  readonly allowedOrigins: readonly string[];
  /** May there be one connection more, whoever it is? */
  hasRoom(): boolean;
}

/** When those may come back who were refused before anything was known of them, in seconds: about. */
const returnS = 3;

/** Decides who takes an upgrade request of the HTTP server: Engine.IO, the engine of plain WebSockets, or nobody. */
export class UpgradeRouter {
  private isStopped = false;

  constructor(
    private readonly plain: PlainWebSocketEngine,
    private readonly admission: UpgradeAdmission,
  ) {}

  /** Engine.IO hears the same event and keeps to its own path. */
  attach(httpServer: Server): void {
    httpServer.on('upgrade', (request, socket: TcpSocket, head) => {
      const target = request.url ?? '';
      if (target.startsWith(socketIoPath)) return;
      if (!isPlainWebSocketPath(target)) return refuse(socket, 404);
      if (this.admits(request)) this.plain.handleUpgrade(request, socket, head);
    });
  }

  /** New connections are refused from here on: 503. */
  stop(): void {
    this.isStopped = true;
  }

  /** Asked for each request that would become a connection; one that must not is answered here. */
  admits({ socket, headers }: IncomingMessage): boolean {
    if (this.isStopped || !this.admission.hasRoom()) refuse(socket, 503);
    else if (!isOriginAllowed(headers, this.admission.allowedOrigins)) refuse(socket, 403);
    else return true;
    return false;
  }
}

function refuse(socket: Duplex, status: 403 | 404 | 503): void {
  // The peer may be gone already.
  socket.on('error', () => undefined);
  const retryAfter = status === 503 ? `Retry-After: ${Math.ceil(returnS * (0.5 + Math.random()))}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${retryAfter}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  );
  socket.once('finish', () => socket.destroy());
}
