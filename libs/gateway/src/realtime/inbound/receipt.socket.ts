import { type DeliveredCursorView, type ReadCursorView, ReceiptFrame } from '@parley/contracts';
import { ReceiptMarker } from '../../message/receipt.marker';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { SendQueues } from './send.queues';

/** What clients say of what they have read and got. Cursors only rise: receipts need no order among themselves. */
@ChatSocket()
export class ReceiptSocket {
  constructor(
    private readonly marker: ReceiptMarker,
    private readonly queues: SendQueues,
  ) {}

  @OnFrame('message_read', ReceiptFrame)
  read(frame: ReceiptFrame, { socket, session, requestId }: FrameContext): Promise<ReadCursorView> {
    return this.inTurn(socket, frame, () => this.marker.read(session, frame, requestId));
  }

  @OnFrame('message_delivered', ReceiptFrame)
  deliver(frame: ReceiptFrame, { socket, session, requestId }: FrameContext): Promise<DeliveredCursorView> {
    return this.inTurn(socket, frame, () => this.marker.deliver(session, frame, requestId));
  }

  /** "Everything" means what was sent before, too: it waits for the sends of its socket to the conversation. */
  private inTurn<T>(socket: ClientSocket, frame: ReceiptFrame, mark: () => Promise<T>): Promise<T> {
    const { conversation_id: conversationId, message_id, up_to_seq } = frame;
    const isEverything = (message_id ?? up_to_seq ?? null) === null;
    return isEverything && conversationId ? this.queues.inConversation(socket, conversationId, mark) : mark();
  }
}
