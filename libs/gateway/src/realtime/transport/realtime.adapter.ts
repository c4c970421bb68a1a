import type { Server as HttpServer } from 'node:http';
import type { HttpConfig, RealtimeConfig, RedisConfig } from '@parley/config';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { bindFrames } from '../inbound/frame.router';
import { ClusterLink } from './cluster.link';
import { type FloodLimits, floodLimits } from './flood.guard';
import { PlainWebSocketEngine } from './plain-websocket.engine';
import { tendEngineSocket } from './socket-io.connection';
import { socketIoPath, UpgradeRouter } from './upgrade.router';

/** How long a client may be connected without being let in, in milliseconds. */
const connectTimeoutMs = 10_000;

export interface RealtimeAdapterOptions {
  readonly realtime: RealtimeConfig;
  readonly http: Pick<HttpConfig, 'corsOrigins'>;
  /** Where several gateways run: their rooms become one. Without it they end at this process. */
  readonly redis?: Pick<RedisConfig, 'url' | 'keyPrefix'> | undefined;
  readonly flood?: FloodLimits;
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

  /** @param app the Nest application, or its HTTP server. */
  constructor(
    app: INestApplicationContext | HttpServer,
    private readonly options: RealtimeAdapterOptions,
  ) {
    super(app);
    const flood = options.flood ?? floodLimits;
    this.cluster = options.redis && new ClusterLink(options.redis);
    this.plain = new PlainWebSocketEngine({ ...options.realtime, flood });
    this.upgrades = new UpgradeRouter(this.plain, options.http.corsOrigins);
  }

  /** Called by Nest, once. */
  override createIOServer(): Server {
    const httpServer = this.httpServer as HttpServer;
    const server = new Server(this.serverOptions());
    // Before attach(), so that Engine.IO stays the engine that `server.engine` means.
    server.bind(this.plain);
    this.upgrades.attach(httpServer);
    server.attach(httpServer);
    const { maxBufferedBytes } = this.options.realtime;
    const limits = { maxBufferedBytes, flood: this.options.flood ?? floodLimits };
    server.engine.on('connection', (conn: Socket['conn']) => tendEngineSocket(conn, limits));
    server.on('connection', forgetRequest);
    return server;
  }

  /** Called by Nest for each class with handlers and each new socket. */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    bindFrames(socket, handlers);
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

  private serverOptions(): Partial<ServerOptions> {
    const { maxFrameBytes, pingIntervalMs, pingTimeoutMs } = this.options.realtime;
    return {
      path: socketIoPath,
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

/** Socket.IO has read the handshake by now, and would keep the whole request for the socket's life. */
function forgetRequest(socket: Socket): void {
  (socket.conn as { request: unknown }).request = undefined;
}
