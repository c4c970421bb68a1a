import { randomUUID } from 'node:crypto';
import { type AppError, toProblem } from '@parley/errors';
import { readAckPacket, type RequestIdJson, toAckFrame } from './plain-websocket.codec';

/** Frames with a `request_id` that may wait for their answers; reading pauses long before. */
const maxWaiting = 4_096;

/** The frames of one connection that wait for their answers: Socket.IO's packet ids stand for the client's request ids. */
export class PlainRequests {
  /** Made with the first: most connections never ask. */
  private waiting: Map<number, RequestIdJson> | undefined;
  private lastPacketId = 0;

  /** The packet id that a frame gets, or undefined when too many wait already. */
  open(requestId: RequestIdJson): number | undefined {
    this.waiting ??= new Map();
    if (this.waiting.size >= maxWaiting) return undefined;
    this.waiting.set(++this.lastPacketId, requestId);
    return this.lastPacketId;
  }

  /** The frame that an ack becomes. */
  answer(ackPacket: string): string | undefined {
    const { packetId, fields } = readAckPacket(ackPacket);
    const requestId = this.waiting?.get(packetId);
    if (requestId === undefined) return undefined;
    this.waiting?.delete(packetId);
    return toAckFrame(requestId, fields);
  }

  /** The frame that refuses a request which never became a packet. */
  static failure(requestId: RequestIdJson, error: AppError): string {
    const answer = { ok: false, error: toProblem(error, randomUUID()) };
    return toAckFrame(requestId, JSON.stringify(answer).slice(1));
  }
}
