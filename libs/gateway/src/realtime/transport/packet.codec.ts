import { writeJson } from '@parley/contracts';
import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';

/**
 * What a client says on a connection of ours, read already: the decoder takes it as it is. Of the default namespace, the only
 * one there is.
 */
export class EventPacket {
  readonly type = PacketType.EVENT;
  readonly nsp = '/';
  readonly data: readonly [event: string, payload: object];

  constructor(
    event: string,
    payload: object,
    /** Set where the client wants an answer. */
    readonly id: number | undefined,
  ) {
    this.data = [event, payload];
  }
}

/**
 * Writes packets as Socket.IO does, without its search for binary data, of which this server sends none; and what is written
 * already is not written again.
 */
export class PacketEncoder extends Encoder {
  override encode(packet: Packet): string[] {
    const { type, nsp, id } = packet;
    if (nsp !== '/' || (type !== PacketType.EVENT && type !== PacketType.ACK)) return super.encode(packet) as string[];
    const data = packet.data as readonly unknown[];
    return [`${type}${id ?? ''}[${data.map(writeJson).join(',')}]`];
  }
}

/** Reads packets as Socket.IO does, and passes on those that need no reading. */
export class PacketDecoder extends Decoder {
  override add(packet: unknown): void {
    if (packet instanceof EventPacket) this.emitReserved('decoded', packet as Packet);
    else super.add(packet);
  }
}
