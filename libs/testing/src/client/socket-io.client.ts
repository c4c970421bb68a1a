import type { Problem } from '@parley/errors';
import { io, type Socket } from 'socket.io-client';
import type WebSocket from 'ws';
import { type Ack, type ChatClient, type Closure, type ConnectOptions, ConnectionClosed } from './chat.client';
import { Connection } from './connection';
import { patienceMs } from './frame.log';

class SocketIoClient extends Connection {
  readonly transport = 'socket.io';
  private webSocket: WebSocket | undefined;
  private closure: Closure | undefined;

  constructor(private readonly socket: Socket) {
    super();
    socket.onAny((event: string, payload: unknown) => this.hear(event, payload));
    socket.on('connect', () => (this.webSocket = webSocketOf(socket)));
    socket.on('connect_error', (error: Error & { data?: Problem }) => {
      this.finish({ code: undefined, reason: error.message, problem: error.data });
      socket.disconnect();
    });
    socket.on('disconnect', (reason, details) => this.onDisconnect(reason, codeOf(details)));
    socket.connect();
  }

  emit(event: string, payload: unknown = {}): void {
    this.socket.emit(event, payload);
  }

  async emitWithAck<Data>(event: string, payload: unknown = {}): Promise<Ack<Data>> {
    if (this.closure) throw new ConnectionClosed(this.closure);
    try {
      return (await this.socket.timeout(patienceMs).emitWithAck(event, payload)) as Ack<Data>;
    } catch (error) {
      if (this.socket.connected) throw new Error(`${event} got no ack`, { cause: error });
      throw new ConnectionClosed(await this.closed);
    }
  }

  sendRaw(frame: string | Buffer): void {
    this.webSocket?.send(frame);
  }

  close(): void {
    this.socket.disconnect();
  }

  drop(): void {
    this.webSocket?.terminate();
  }

  /** Where a packet announces the end, the close frame with its code is still to come. */
  private onDisconnect(reason: string, code: number | undefined): void {
    const { webSocket } = this;
    if (code === undefined && webSocket && webSocket.readyState !== webSocket.CLOSED) {
      webSocket.once('close', (lateCode: number) => this.finish({ code: lateCode, reason }));
    } else this.finish({ code, reason });
  }

  private finish(closure: Closure): void {
    if (this.closure) return;
    this.closure = closure;
    this.end(closure);
  }
}

/** Under Socket.IO and Engine.IO lies a WebSocket of `ws`, of which their types do not tell. */
function webSocketOf(socket: Socket): WebSocket | undefined {
  return (socket.io.engine.transport as unknown as { ws?: WebSocket }).ws;
}

function codeOf(details: unknown): number | undefined {
  return (details as { context?: { code?: number } } | undefined)?.context?.code;
}

/** A client of the Socket.IO transport. */
export function socketIoClient(url: string, token: string | undefined, options: ConnectOptions = {}): ChatClient {
  const inAuth = options.tokenIn === undefined || options.tokenIn === 'auth';
  const headers = {
    ...options.headers,
    ...(options.tokenIn === 'header' && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
  };
  return new SocketIoClient(
    io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      autoConnect: false,
      auth: {
        ...(inAuth && token !== undefined ? { token } : {}),
        ...(options.heads ? { heads: options.heads } : {}),
      },
      extraHeaders: headers,
      ...(options.tokenIn === 'query' && token !== undefined ? { query: { token } } : {}),
    }),
  );
}
