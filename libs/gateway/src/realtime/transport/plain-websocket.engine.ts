import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { RealtimeConfig } from '@parley/config';
import { AppError, toProblem } from '@parley/errors';
import { WebSocketServer } from 'ws';
import { CloseCode } from './close.code';
import { type FloodLimits, floodLimits } from './flood.guard';
import { EventFrames } from './plain-websocket.codec';
import { type PlainConnectionOptions, PlainWebSocketConnection } from './plain-websocket.connection';
import { type PlainAuth, readPlainHandshake } from './plain-websocket.handshake';

export type PlainEngineOptions = Pick<
  RealtimeConfig,
  'maxFrameBytes' | 'lateBufferedBytes' | 'maxBufferedBytes' | 'pingIntervalMs' | 'pingTimeoutMs'
> & { readonly flood?: FloodLimits };

/** Plain WebSocket clients as an engine of Socket.IO, beside its own: `io.bind(engine)`. */
export class PlainWebSocketEngine extends EventEmitter {
  private readonly connections = new Set<PlainWebSocketConnection>();
  private readonly webSockets: WebSocketServer;
  private readonly connectionOptions: PlainConnectionOptions;

  constructor(options: PlainEngineOptions) {
    super();
    this.connectionOptions = { flood: floodLimits, ...options, eventFrames: new EventFrames() };
    this.webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
    });
  }

  /** Socket.IO's name for how many there are. */
  get clientsCount(): number {
    return this.connections.size;
  }

  /**
   * Takes over an upgrade request. One without a token is upgraded as well, told so and closed: a browser's script cannot
   * see the status of a refused upgrade.
   */
  handleUpgrade(request: IncomingMessage, tcp: TcpSocket, head: Buffer): void {
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) => {
      const id = randomUUID();
      const connection = new PlainWebSocketConnection(id, { webSocket, tcp, request }, this.connectionOptions);
      this.keep(connection);
      const auth = readHandshake(request);
      if (auth instanceof AppError) return connection.refuse(toProblem(auth, id));
      this.emit('connection', connection);
      connection.connect(auth);
    });
  }

  /** Apart from the upgrade: what is kept with the connection would keep its request, too. */
  private keep(connection: PlainWebSocketConnection): void {
    this.connections.add(connection);
    connection.on('close', () => this.connections.delete(connection));
  }

  /** Closes all connections; the clients may come back to another server. */
  close(): void {
    for (const connection of this.connections) connection.closeWith(CloseCode.goingAway, 'draining');
    this.webSockets.close();
  }
}

function readHandshake(request: IncomingMessage): PlainAuth | AppError {
  try {
    return readPlainHandshake(request);
  } catch (error) {
    return AppError.from(error);
  }
}
