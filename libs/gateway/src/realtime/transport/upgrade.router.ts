import type { IncomingMessage, Server } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import { AppError } from '@parley/errors';
import { responseOf } from '../../http/server/connection.refusal';
import type { OriginPolicy } from '../../http/server/origin.policy';
import { isPlainWebSocketPath } from './plain/plain-websocket.handshake';
import type { WebSocketEngine } from './websocket.engine';

/** Where Engine.IO listens; it wants the last slash. */
export const socketIoPath = '/socket.io/';

export interface UpgradeAdmission {
  readonly origins: OriginPolicy;
  /** May there be one connection more, whoever it is? */
  hasRoom(): boolean;
}

/** When those may come back who were refused before anything was known of them, in milliseconds: about. */
const returnMs = 3_000;

/** Decides as what an upgrade request of the HTTP server is taken: a Socket.IO client, a plain WebSocket, or not at all. */
export class UpgradeRouter {
  private isStopped = false;

  constructor(private readonly admission: UpgradeAdmission) {}

  attach(httpServer: Server, engine: WebSocketEngine): void {
    httpServer.on('upgrade', (request, socket: TcpSocket, head) => {
      const target = request.url ?? '';
      const isSocketIo = target.startsWith(socketIoPath);
      if (!isSocketIo && !isPlainWebSocketPath(target)) return refuse(socket, new AppError('route_not_found'));
      if (isSocketIo && !speaksEngine(target)) return refuse(socket, new AppError('malformed_request'));
      const refusal = this.refusalOf(request);
      if (refusal) refuse(socket, refusal);
      else if (isSocketIo) engine.takeSocketIo(request, socket, head);
      else engine.takePlain(request, socket, head);
    });
  }

  /** New connections are refused from here on: 503. */
  stop(): void {
    this.isStopped = true;
  }

  /** Why a request must not become a connection. */
  private refusalOf({ headers }: IncomingMessage): AppError | undefined {
    if (!this.isStopped && this.admission.hasRoom()) return this.admission.origins.refusalOf(headers);
    return new AppError('service_unavailable', { retryAfterMs: returnMs * (0.5 + Math.random()) });
  }
}

/** Revision 4 of Engine.IO's protocol over a WebSocket, and no session that was begun elsewhere. */
function speaksEngine(target: string): boolean {
  const query = new URLSearchParams(target.split('?', 2)[1]);
  return query.get('EIO') === '4' && query.get('transport') === 'websocket' && !query.has('sid');
}

function refuse(socket: TcpSocket, error: AppError): void {
  // The peer may be gone already.
  socket.on('error', () => undefined);
  socket.end(responseOf(error));
  socket.once('finish', () => socket.destroy());
}
