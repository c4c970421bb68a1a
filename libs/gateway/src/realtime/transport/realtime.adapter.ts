import type { Server as HttpServer } from 'node:http';
import type { HttpConfig, RealtimeConfig, RedisConfig } from '@parley/config';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import { Decoder } from 'socket.io-parser';
import { ClusterLink } from './cluster/cluster.link';
import type { FloodLimits } from './connection/flood.guard';
import { OriginPolicy } from '../../http/server/origin.policy';
import { keepIdle } from './socket-io/idle.socket';
import { keepBroadcastsLean } from './socket-io/lean.broadcasts';
import { keepRoomsLean } from './socket-io/lean.rooms';
import { PacketEncoder } from './socket-io/packet.encoder';
import { socketIoPath, UpgradeRouter } from './upgrade.router';
import { WebSocketEngine } from './websocket.engine';

export interface RealtimeAdapterOptions {
  readonly realtime: RealtimeConfig;
  readonly http: Pick<HttpConfig, 'corsOrigins'>;
  /** Where several gateways run: their rooms become one. Without it they end at this process. */
  readonly redis?: Pick<RedisConfig, 'url' | 'keyPrefix'> | undefined;
  readonly flood?: FloodLimits;
  /** Asked for each new connection: does this process take any? Without it, always. */
  readonly isOpen?: () => boolean;
  /** Asked for each frame: may its client have given it up, and said it again elsewhere? Without it, never. */
  readonly isStale?: () => boolean;
}

/**
 * Nest's way to sockets: one Socket.IO server on the application's HTTP server, which Socket.IO clients reach at
 * `/socket.io/` (WebSocket only) and plain WebSocket clients at `/api/ws`.
 */
export class RealtimeAdapter extends IoAdapter {
  /** Set where there is a Redis. */
  readonly cluster: ClusterLink | undefined;
  private readonly upgrades: UpgradeRouter;
  private engine: WebSocketEngine | undefined;
  private isBound = false;

  /** @param app the Nest application, or its HTTP server. */
  constructor(
    app: INestApplicationContext | HttpServer,
    private readonly options: RealtimeAdapterOptions,
  ) {
    super(app);
    this.cluster = options.redis && new ClusterLink(options.redis);
    this.upgrades = new UpgradeRouter({
      origins: new OriginPolicy(options.http.corsOrigins),
      hasRoom: () =>
        (options.isOpen?.() ?? true) && (this.engine?.clientsCount ?? 0) < mostConnections(options.realtime),
    });
  }

  /** Called by Nest, once. */
  override createIOServer(): Server {
    const httpServer = this.httpServer as HttpServer;
    const server = new Server(this.serverOptions());
    keepRoomsLean(server.sockets.adapter);
    keepBroadcastsLean(server.sockets.adapter);
    const engine = new WebSocketEngine(server, {
      ...this.options.realtime,
      flood: this.options.flood,
      isStale: this.options.isStale,
    });
    this.engine = engine;
    this.upgrades.attach(httpServer, engine);
    // Socket.IO's own engine is left with requests that are no upgrades: it tells them that they have to be.
    server.attach(httpServer);
    server.engine = engine as unknown as Server['engine'];
    server.on('connection', keepIdle);
    return server;
  }

  /** Called by Nest for each class that wants to know of sockets: the first tells them all, of those who go, too. */
  override bindClientConnect(server: Server, connect: (socket: Socket) => void): void {
    if (this.isBound) return;
    this.isBound = true;
    server.on('connection', connect);
  }

  /** Called by Nest for each socket: what sockets say is heard elsewhere, by one listener for all of them. */
  override bindMessageHandlers(): void {}

  /** New connections are refused from here on; the present ones stay. */
  stopAccepting(): void {
    this.upgrades.stop();
  }

  override async close(server: Server): Promise<void> {
    this.stopAccepting();
    this.engine?.close();
    await super.close(server);
    this.cluster?.close();
  }

  private serverOptions(): Partial<ServerOptions> {
    return {
      path: socketIoPath,
      transports: [],
      serveClient: false,
      parser: { Encoder: PacketEncoder, Decoder },
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
