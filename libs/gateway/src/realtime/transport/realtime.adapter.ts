import type { Server as HttpServer } from 'node:http';
import type { HttpConfig, RealtimeConfig, RedisConfig } from '@parley/config';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { answerFrames, bindFrames } from '../inbound/frame.router';
import { ClusterLink } from './cluster.link';
import { type FloodLimits, floodLimits } from './flood.guard';
import { PacketDecoder, PacketEncoder } from './packet.codec';
import { PlainWebSocketEngine } from './plain-websocket.engine';
import { PlainWebSocketConnection } from './plain-websocket.connection';
import { boundIncoming, boundOutgoing } from './socket-io.connection';
import { socketIoPath, UpgradeRouter } from './upgrade.router';

export interface RealtimeAdapterOptions {
  readonly realtime: RealtimeConfig;
  readonly http: Pick<HttpConfig, 'corsOrigins'>;
  /** Where several gateways run: their rooms become one. Without it they end at this process. */
  readonly redis?: Pick<RedisConfig, 'url' | 'keyPrefix'> | undefined;
  readonly flood?: FloodLimits;
  /** Asked for each new connection: does this process take any? Without it, always. */
  readonly isOpen?: () => boolean;
}

/**
 * Nest's way to sockets: one Socket.IO server on the application's HTTP server, which Socket.IO clients reach at
 * `/socket.io/` (WebSocket only) and plain WebSocket clients at `/api/ws`.
 */
export class RealtimeAdapter extends IoAdapter {
  /** Set where there is a Redis. */
  readonly cluster: ClusterLink | undefined;
  private readonly plain: PlainWebSocketEngine;
  private readonly upgrades: UpgradeRouter;
  private server: Server | undefined;
  /** Nest's, for each class with handlers: tells all classes of a socket, and makes the handlers of its own. */
  private readonly classes: ((socket: Socket) => void)[] = [];
  private isTelling = false;

  /** @param app the Nest application, or its HTTP server. */
  constructor(
    app: INestApplicationContext | HttpServer,
    private readonly options: RealtimeAdapterOptions,
  ) {
    super(app);
    const flood = options.flood ?? floodLimits;
    this.cluster = options.redis && new ClusterLink(options.redis);
    this.plain = new PlainWebSocketEngine({ ...options.realtime, flood });
    this.upgrades = new UpgradeRouter(this.plain, {
      allowedOrigins: options.http.corsOrigins,
      hasRoom: () => (options.isOpen?.() ?? true) && this.connections < mostConnections(options.realtime),
    });
  }

  /** On both transports, also those that have not been let in. */
  private get connections(): number {
    return this.plain.clientsCount + (this.server?.engine.clientsCount ?? 0);
  }

  /** Called by Nest, once. */
  override createIOServer(): Server {
    const httpServer = this.httpServer as HttpServer;
    const server = new Server(this.serverOptions());
    this.server = server;
    // Before attach(), so that Engine.IO stays the engine that `server.engine` means.
    server.bind(this.plain);
    this.upgrades.attach(httpServer);
    server.attach(httpServer);
    const { realtime, flood = floodLimits } = this.options;
    server.engine.on('connection', (conn: Socket['conn']) => boundIncoming(conn, flood));
    server.on('connection', (socket) => {
      const conn: unknown = socket.conn;
      if (conn instanceof PlainWebSocketConnection) conn.socket = socket;
      else boundOutgoing(socket, realtime);
      forgetHandshake(socket);
    });
    return server;
  }

  /** Called by Nest for each class with handlers, once. */
  override bindClientConnect(server: Server, connect: (socket: Socket) => void): void {
    if (this.classes.push(connect) === 1) server.on('connection', (socket) => this.connect(socket));
  }

  /** Called by Nest for each class with handlers and each socket: one of them tells all classes. */
  override bindClientDisconnect(socket: Socket, disconnected: () => void): void {
    if (this.isTelling) socket.on('disconnect', disconnected);
  }

  /** Called by Nest for each class with handlers and each socket. */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    if (!this.isTelling) bindFrames(socket, handlers);
  }

  /** New connections are refused from here on; the present ones stay. */
  stopAccepting(): void {
    this.upgrades.stop();
  }

  override async close(server: Server): Promise<void> {
    this.stopAccepting();
    this.plain.close();
    await super.close(server);
    this.cluster?.close();
  }

  /** The classes are told of the socket now; its handlers are made when it first speaks. */
  private connect(socket: Socket): void {
    answerFrames(socket, this.bindAll);
    this.isTelling = true;
    this.classes[0]?.(socket);
    this.isTelling = false;
  }

  private readonly bindAll = (socket: Socket): void => {
    for (const bind of this.classes) bind(socket);
  };

  private serverOptions(): Partial<ServerOptions> {
    const { maxFrameBytes, pingIntervalMs, pingTimeoutMs, connectTimeoutMs } = this.options.realtime;
    return {
      path: socketIoPath,
      parser: { Encoder: PacketEncoder, Decoder: PacketDecoder },
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      perMessageDeflate: false,
      maxHttpBufferSize: maxFrameBytes,
      pingInterval: pingIntervalMs,
      pingTimeout: pingTimeoutMs,
      connectTimeout: connectTimeoutMs,
      cleanupEmptyChildNamespaces: true,
      destroyUpgrade: false,
      allowRequest: (request, decide) => decide(null, this.upgrades.admits(request)),
      ...(this.cluster ? { adapter: this.cluster.adapter() as NonNullable<ServerOptions['adapter']> } : {}),
    };
  }
}

/**
 * Beyond those that a gateway holds there are those that wait to be let in, or to be told that they are not. Past that
 * nothing is said any more.
 */
function mostConnections({ maxConnections, maxWaiting }: RealtimeConfig): number {
  return maxConnections + maxWaiting;
}

const nothing = Object.freeze({});

/**
 * Who the socket is, is known by now: Socket.IO would keep the whole request, and the handshake with its token, for the
 * socket's life.
 */
function forgetHandshake(socket: Socket): void {
  (socket.conn as { request: unknown }).request = undefined;
  Object.assign(socket.handshake, { headers: nothing, auth: nothing, query: nothing, url: '', time: '' });
}
