import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RealtimeConfig, RedisConfig } from '@parley/config';
import { AppError, type ErrorCode, toProblem } from '@parley/errors';
import type { Server, Socket } from 'socket.io';
import { tokenOfHandshake } from '../../auth/handshake.token';
import { frameTableOf } from '../inbound/frame.table';
import type { FloodLimits } from './connection/flood.guard';
import { RealtimeAdapter } from './realtime.adapter';

type Handshake = Socket['handshake'];

export interface TestServerOptions {
  readonly realtime?: Partial<RealtimeConfig>;
  readonly corsOrigins?: string[];
  readonly redis?: Pick<RedisConfig, 'url' | 'keyPrefix'>;
  readonly flood?: FloodLimits;
  readonly isStale?: () => boolean;
}

/** Both transports on a real HTTP server, with a few events for tests and without a gateway behind. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly io: Server;
  readonly http: HttpServer;
  readonly adapter: RealtimeAdapter;
  /** The handshake of the socket that asked last, as whoever judges it sees it. */
  readonly handshake: Handshake;
  close(): Promise<void>;
}

export const limits: RealtimeConfig = {
  drainSeconds: 0,
  maxFrameBytes: 256 * 1024,
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
  lateBufferedBytes: 64 * 1024,
  maxBufferedBytes: 1024 * 1024,
  connectTimeoutMs: 10_000,
  maxConnections: 1_000,
  maxOpening: 32,
  maxWaiting: 1_000,
  maxLoopLagMs: 60_000,
};

/** The token is the name of the error that refuses it, or `good`. */
function authenticate(socket: Socket, next: (error?: Error) => void): void {
  try {
    const { auth, headers, url } = socket.handshake;
    const token = tokenOfHandshake({ auth, headers, url });
    if (token !== 'good') throw new AppError(token as ErrorCode);
    next();
  } catch (thrown) {
    const error = AppError.from(thrown);
    next(Object.assign(new Error(error.message), { data: toProblem(error, 'r') }));
  }
}

type Handler = (socket: Socket, payload: Record<string, string>) => unknown;

const handlers: Record<string, Handler> = {
  join: (socket, { room }) => void socket.join(String(room)),
  say: ({ nsp }, { room, text }) => nsp.to(String(room)).emit('said', { text }),
  echo: (_, payload) => payload,
};

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const http = createServer((_, response) => response.writeHead(404).end());
  const adapter = new RealtimeAdapter(http, {
    realtime: { ...limits, ...options.realtime },
    http: { corsOrigins: options.corsOrigins ?? [] },
    redis: options.redis,
    ...(options.flood ? { flood: options.flood } : {}),
    ...(options.isStale ? { isStale: options.isStale } : {}),
  });
  const io = adapter.createIOServer();
  let handshake: Handshake | undefined;
  io.use((socket, next) => {
    handshake = { ...socket.handshake };
    authenticate(socket, next);
  });
  understand(io);
  io.on('connection', (socket) => socket.emit('session', {}));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    io,
    http,
    adapter,
    get handshake() {
      if (!handshake) throw new Error('nobody has asked to be let in');
      return handshake;
    },
    close: () => adapter.close(io),
  };
}

/** The server's side of the only socket that is connected. */
export function onlySocket({ io }: TestServer): Socket {
  const [socket, ...others] = io.sockets.sockets.values();
  if (!socket || others.length > 0) throw new Error(`${io.sockets.sockets.size} sockets are connected`);
  return socket;
}

function understand(server: Server): void {
  const table = frameTableOf(server);
  for (const [event, handle] of Object.entries(handlers)) {
    table.set(event, {
      limit: undefined,
      handle: (payload, { socket }) => handle(socket, payload as Record<string, string>),
    });
  }
}
