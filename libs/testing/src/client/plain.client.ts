import WebSocket, { type RawData } from 'ws';
import { type Ack, type ChatClient, type Closure, type ConnectOptions, ConnectionClosed } from './chat.client';
import { Connection } from './connection';
import { patienceMs } from './frame.log';

interface Pending {
  readonly resolve: (ack: Ack) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

class PlainClient extends Connection {
  readonly transport = 'plain';
  private readonly pending = new Map<string, Pending>();
  private readonly unsent: (string | Buffer)[] = [];
  private closure: Closure | undefined;
  private requests = 0;
  /** Says more than the close code where the upgrade was refused. */
  private failure = '';

  constructor(private readonly ws: WebSocket) {
    super();
    ws.on('open', () => {
      for (const frame of this.unsent.splice(0)) ws.send(frame);
    });
    ws.on('message', (data: RawData) => this.receive(JSON.parse((data as Buffer).toString()) as Frame));
    ws.on('error', (error) => (this.failure = error.message));
    ws.on('close', (code, reason) => this.finish({ code, reason: reason.toString() || this.failure }));
  }

  emit(event: string, payload: unknown = {}): void {
    this.sendRaw(JSON.stringify({ type: event, ...(payload as object) }));
  }

  emitWithAck<Data>(event: string, payload: unknown = {}): Promise<Ack<Data>> {
    if (this.closure) return Promise.reject(new ConnectionClosed(this.closure));
    const requestId = `r${++this.requests}`;
    const answer = new Promise<Ack>((resolve, reject) => {
      const timer = setTimeout(() => this.settle(requestId)?.reject(new Error(`${event} got no ack`)), patienceMs);
      this.pending.set(requestId, { resolve, reject, timer });
    });
    this.emit(event, { ...(payload as object), request_id: requestId });
    return answer as Promise<Ack<Data>>;
  }

  sendRaw(frame: string | Buffer): void {
    if (this.ws.readyState === WebSocket.CONNECTING) this.unsent.push(frame);
    else if (this.ws.readyState === WebSocket.OPEN) this.ws.send(frame);
  }

  close(): void {
    this.ws.close();
  }

  drop(): void {
    this.ws.terminate();
  }

  private receive({ type, ...payload }: Frame): void {
    if (type !== 'ack') return this.hear(type, payload);
    const { request_id: requestId, ...ack } = payload;
    this.settle(String(requestId))?.resolve(ack as unknown as Ack);
  }

  private settle(requestId: string): Pending | undefined {
    const pending = this.pending.get(requestId);
    clearTimeout(pending?.timer);
    this.pending.delete(requestId);
    return pending;
  }

  private finish(closure: Closure): void {
    this.closure = closure;
    for (const requestId of this.pending.keys()) this.settle(requestId)?.reject(new ConnectionClosed(closure));
    this.end(closure);
  }
}

/** A client of the plain WebSocket transport: JSON frames on `/api/ws`. */
export function plainClient(url: string, token: string | undefined, options: ConnectOptions = {}): ChatClient {
  const target = new URL('/api/ws', url);
  target.protocol = target.protocol.replace('http', 'ws');
  const headers: Record<string, string> = { ...options.headers };
  if (token !== undefined) {
    if (options.tokenIn === 'path') target.pathname += `/${encodeURIComponent(token)}`;
    else if (options.tokenIn === 'header') headers['authorization'] = `Bearer ${token}`;
    else target.searchParams.set('token', token);
  }
  if (options.heads) target.searchParams.set('heads', JSON.stringify(options.heads));
  return new PlainClient(new WebSocket(target, { headers, perMessageDeflate: false }));
}
