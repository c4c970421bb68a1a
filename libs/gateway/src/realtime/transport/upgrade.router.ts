import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket as TcpSocket } from 'node:net';
import { isOriginAllowed } from './origin.policy';
import { isPlainWebSocketPath } from './plain-websocket.handshake';
import type { PlainWebSocketEngine } from './plain-websocket.engine';

/** Where Engine.IO listens; it wants the last slash. */
export const socketIoPath = '/socket.io/';

/** Decides who takes an upgrade request of the HTTP server: Engine.IO, the engine of plain WebSockets, or nobody. */
export class UpgradeRouter {
  private isOpen = true;

  constructor(
    private readonly plain: PlainWebSocketEngine,
    private readonly allowedOrigins: readonly string[],
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
    this.isOpen = false;
  }

  /** Asked for each request that would become a connection; one that must not is answered here. */
  admits(request: IncomingMessage): boolean {
    if (!this.isOpen) refuse(request.socket, 503);
    else if (!isOriginAllowed(request.headers, this.allowedOrigins)) refuse(request.socket, 403);
    else return true;
    return false;
  }
}

function refuse(socket: Duplex, status: 403 | 404 | 503): void {
  // The peer may be gone already.
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once('finish', () => socket.destroy());
}
