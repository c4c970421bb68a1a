import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { RealtimeConfig } from '@parley/config';
import { AppError, toProblem } from '@parley/errors';
import type { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { CloseCode } from '@parley/contracts';
import { CarriedWebSocket } from './connection/carried.web-socket';
import type { AcceptedWebSocket, Connection, ConnectionOptions } from './connection/connection';
import { type FloodLimits, floodLimits } from './connection/flood.guard';
import { Heartbeat } from './connection/heartbeat';
import { EventFrames, toEventFrame } from './plain/plain-websocket.codec';
import { PlainWebSocketConnection } from './plain/plain-websocket.connection';
import { type PlainAuth, readPlainHandshake } from './plain/plain-websocket.handshake';
import { toEngineMessage } from './socket-io/packet';
import { SocketIoConnection } from './socket-io/socket-io.connection';
import { SocketIoHub } from './socket-io/socket-io.hub';

export type EngineOptions = Pick<
  RealtimeConfig,
  'maxFrameBytes' | 'lateBufferedBytes' | 'maxBufferedBytes' | 'pingIntervalMs' | 'pingTimeoutMs' | 'connectTimeoutMs'
> & { readonly flood?: FloodLimits | undefined; readonly isStale?: (() => boolean) | undefined };

const idBytes = 15;

/**
 * The connections of both transports: upgrades them, knows them, and looks after them. To a Socket.IO server it is the
 * engine below.
 */
export class WebSocketEngine {
  private readonly connections = new Set<Connection>();
  private readonly webSockets: WebSocketServer;
  private readonly heartbeat: Heartbeat;
  private readonly plain: ConnectionOptions;
  private readonly socketIo: ConnectionOptions;

  constructor(
    server: Server,
    { connectTimeoutMs, flood = floodLimits, isStale = () => false, ...options }: EngineOptions,
  ) {
    this.webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxFrameBytes,
      WebSocket: CarriedWebSocket,
    });
    this.heartbeat = new Heartbeat(options, this.connections);
    const shared = {
      ...options,
      flood,
      isStale,
      hub: new SocketIoHub(server, connectTimeoutMs),
      heartbeat: this.heartbeat,
      gone: (connection: Connection) => void this.connections.delete(connection),
    };
    this.plain = { ...shared, eventFrames: new EventFrames(toEventFrame) };
    this.socketIo = { ...shared, eventFrames: new EventFrames(toEngineMessage) };
  }

  /** Socket.IO's name for how many there are, those included that have not been let in. */
  get clientsCount(): number {
    return this.connections.size;
  }

  /**
   * Takes over an upgrade request of a plain WebSocket client. One without a token is upgraded as well, told so and closed:
   * a browser's script cannot see the status of a refused upgrade.
   */
  takePlain(request: IncomingMessage, tcp: TcpSocket, head: Buffer): void {
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) => {
      const auth = readHandshake(request);
      const connection = this.keepPlain({ webSocket: webSocket as CarriedWebSocket, tcp, request });
      if (auth instanceof AppError) connection.refuse(toProblem(auth, connection.id));
      else connection.connect(auth);
    });
  }

  /** Takes over an upgrade request of a Socket.IO client, who asks to be let in by a packet. */
  takeSocketIo(request: IncomingMessage, tcp: TcpSocket, head: Buffer): void {
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) =>
      this.keepSocketIo({ webSocket: webSocket as CarriedWebSocket, tcp, request }),
    );
  }

  /** Closes all connections; the clients may come back to another server. */
  close(): void {
    for (const connection of this.connections) connection.closeWith(CloseCode.goingAway, 'draining');
    this.heartbeat.stop();
    this.webSockets.close();
  }

  /** Apart from the upgrade: what is kept with the connection would keep its request, too. */
  private keepPlain(accepted: AcceptedWebSocket): PlainWebSocketConnection {
    const connection = new PlainWebSocketConnection(makeId(), accepted, this.plain);
    this.connections.add(connection);
    return connection;
  }

  private keepSocketIo(accepted: AcceptedWebSocket): void {
    this.connections.add(new SocketIoConnection(makeId(), accepted, this.socketIo));
  }
}

/** Not a UUID: Node makes those of fifteen strings, which would all be kept. */
function makeId(): string {
  return randomBytes(idBytes).toString('base64url');
}

function readHandshake(request: IncomingMessage): PlainAuth | AppError {
  try {
    return readPlainHandshake(request);
  } catch (error) {
    return AppError.from(error);
  }
}
