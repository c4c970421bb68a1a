import { PacketType } from 'socket.io-parser';
import type { Ack } from '../frame.listener';
import { toAckPacket } from './packet';
import { type Packet, type PacketDecoder, type ServedSocket, type SocketIoHub } from './socket-io.hub';

/** As much of a connection as a client needs. */
interface ClientConnection {
  readonly readyState: 'open' | 'closed';
  readonly isLate: boolean;
  readonly request: unknown;
  write(packet: unknown): void;
  close(): void;
}

/**
 * What Socket.IO takes for one of its clients: a connection with at most one socket, in the default namespace. Its own
 * client is made for many, and takes ten times the memory.
 *
 * The names that begin with an underscore are Socket.IO's.
 */
export class SocketIoClient {
  socket: ServedSocket | undefined;
  private isAsking = false;
  private timer: NodeJS.Timeout | undefined;
  /** Made with the first binary packet. */
  private decoder: PacketDecoder | undefined;

  constructor(
    private readonly hub: SocketIoHub,
    readonly conn: ClientConnection,
  ) {
    this.awaitConnect();
  }

  get request(): unknown {
    return this.conn.request;
  }

  /** The client has sent a packet, or a part of one. */
  receive(data: string | Buffer): void {
    try {
      if (this.decoder || this.hub.hasParts(data)) {
        this.decoder ??= this.hub.makeDecoder((packet) => this.take(packet));
        this.decoder.add(data);
      } else this.take(this.hub.decode(data as string));
    } catch {
      // What breaks the protocol is not answered.
      this.conn.close();
    }
  }

  take(packet: Packet): void {
    const { socket } = this;
    if (packet.type === PacketType.CONNECT) this.connect(packet);
    else if (!socket || packet.nsp !== '/' || packet.type === PacketType.CONNECT_ERROR) this.close();
    else if (packet.type === PacketType.EVENT || packet.type === PacketType.BINARY_EVENT) {
      const [event, payload] = (packet.data ?? []) as readonly unknown[];
      this.say(event, payload, this.ackTo(packet));
    } else process.nextTick(() => socket._onpacket(packet));
  }

  /** The client says something: past Socket.IO, which would look for listeners and middlewares that are not there. */
  say(event: unknown, payload: unknown, ack: Ack | undefined): void {
    const { socket } = this;
    // Later, as Socket.IO does: nothing of what follows happens within the read of a frame.
    if (socket) process.nextTick(hear, this.hub, socket, { event, payload, ack });
    else this.close();
  }

  private ackTo({ id }: Packet): Ack | undefined {
    return id === undefined ? undefined : (json) => this.writeToEngine(toAckPacket(id, json));
  }

  /** The connection is gone. */
  closed(reason: string, description?: unknown): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.socket?._onclose(reason, description);
  }

  writeToEngine(packets: unknown, { volatile }: { readonly volatile?: boolean } = {}): void {
    if (volatile === true && this.conn.isLate) return;
    if (!Array.isArray(packets)) return this.conn.write(packets);
    for (const packet of packets) this.conn.write(packet);
  }

  _packet(packet: Packet, options?: { readonly volatile?: boolean }): void {
    if (packet.type === PacketType.CONNECT_ERROR && packet.nsp === '/') this.isAsking = false;
    if (this.conn.readyState === 'open') this.writeToEngine(this.hub.encode(packet), options);
  }

  /** A client that left may come back on the same connection; one that does not is not kept for nothing. */
  _remove(socket: ServedSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    if (this.conn.readyState === 'open') this.awaitConnect();
  }

  _disconnect(): void {
    this.socket?.disconnect();
    this.close();
  }

  private connect({ nsp, data }: Packet): void {
    if (nsp !== '/')
      return this._packet({ type: PacketType.CONNECT_ERROR, nsp, data: { message: 'Invalid namespace' } });
    if (this.socket) return this.close();
    // While it is judged whether the client may come in, its further requests are not.
    if (this.isAsking) return;
    this.isAsking = true;
    this.hub.admit(this, data ?? {}, (socket) => {
      this.isAsking = false;
      this.socket = socket;
      clearTimeout(this.timer);
      this.timer = undefined;
    });
  }

  private awaitConnect(): void {
    this.timer = setTimeout(() => this.close(), this.hub.connectTimeoutMs);
  }

  private close(): void {
    this.conn.close();
  }
}

interface Said {
  readonly event: unknown;
  readonly payload: unknown;
  readonly ack: Ack | undefined;
}

function hear(hub: SocketIoHub, socket: ServedSocket, { event, payload, ack }: Said): void {
  hub.listener?.hear(socket, event, payload, ack);
}
