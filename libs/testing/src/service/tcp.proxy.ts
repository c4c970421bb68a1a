import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../cluster/free.port';

/** Stands between a client and a server, and can be cut: what the client sees of an outage. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private knownPort = 0;
  private isFrozen = false;

  constructor(private readonly target: { readonly hostname: string; readonly port: number }) {}

  /** The port that it listens on: the same over every outage. */
  get port(): number {
    return this.knownPort;
  }

  async open(): Promise<void> {
    // Not one that the system picks: it would give that to others as soon as nobody listens.
    this.knownPort ||= await freePort();
    this.server = createServer((inbound) => this.join(inbound));
    this.server.listen(this.knownPort, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Breaks all connections and accepts no new ones. */
  async cut(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** From here on connections stand, and are accepted, but nothing passes: what a peer sees of one that hangs. */
  freeze(): void {
    this.isFrozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was held back passes, and all that comes. */
  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  private join(inbound: Socket): void {
    const outbound = connect(this.target.port, this.target.hostname);
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (this.isFrozen) from.pause();
    }
  }
}
