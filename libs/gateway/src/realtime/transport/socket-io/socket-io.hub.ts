import type { Server, Socket } from 'socket.io';
import type { PacketType } from 'socket.io-parser';
import { type FrameListener, frameListenerOf } from '../frame.listener';

/** A packet of the Socket.IO protocol, decoded. */
export interface Packet {
  readonly type: PacketType;
  readonly nsp: string;
  readonly id?: number | undefined;
  readonly data?: unknown;
}

export interface PacketDecoder {
  /** @throws Error for what is no packet, or does not belong here. */
  add(data: string | Buffer): void;
  on(event: 'decoded', listener: (packet: Packet) => void): unknown;
}

/** What Socket.IO does with a socket of its own, named as it names it. */
export type ServedSocket = Socket & {
  _onpacket(packet: Packet): void;
  _onclose(reason: string, description?: unknown): void;
};

interface Internals {
  readonly encoder: { encode(packet: Packet): unknown[] };
  readonly _parser: { readonly Decoder: new () => PacketDecoder };
  readonly sockets: {
    _add(client: object, auth: object, connected: (socket: ServedSocket) => void): Promise<void>;
  };
}

const binaryTypes = ['5', '6'];

/**
 * As much of a Socket.IO server as stands between a connection and its socket, shared by all connections: only the default
 * namespace. What is used here is not in Socket.IO's contract, which is why package.json names one version of it.
 */
export class SocketIoHub {
  private readonly io: Internals;
  private readonly decoder: PacketDecoder;
  private decoded: Packet | undefined;

  constructor(
    private readonly server: Server,
    /** How long a client may take until it is let in, in milliseconds. */
    readonly connectTimeoutMs: number,
  ) {
    this.io = server;
    this.decoder = this.makeDecoder((packet) => (this.decoded = packet));
  }

  /** Who hears what the sockets say. */
  get listener(): FrameListener | undefined {
    return frameListenerOf(this.server);
  }

  /** @param connected called when the middlewares have let the client in. */
  admit(client: object, auth: object, connected: (socket: ServedSocket) => void): void {
    void this.io.sockets._add(client, auth, connected);
  }

  encode(packet: Packet): unknown[] {
    return this.io.encoder.encode(packet);
  }

  /** Does the packet announce parts that follow it? Those of one connection need a decoder of their own. */
  hasParts(data: string | Buffer): boolean {
    return typeof data !== 'string' || binaryTypes.includes(data.charAt(0));
  }

  /** @throws Error for what is no packet. */
  decode(text: string): Packet {
    this.decoder.add(text);
    const packet = this.decoded as Packet;
    this.decoded = undefined;
    return packet;
  }

  makeDecoder(receive: (packet: Packet) => void): PacketDecoder {
    const decoder = new this.io._parser.Decoder();
    decoder.on('decoded', receive);
    return decoder;
  }
}
