import { writeJson } from '@parley/contracts';
import { Encoder, type Packet, PacketType } from 'socket.io-parser';

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
