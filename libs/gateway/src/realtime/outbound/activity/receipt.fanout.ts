import { EventBus, type EventSubscription } from '@parley/bus';
import { type PayloadOf, ReceiptsMoved, type ServerFrame, subjectOf } from '@parley/contracts';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { conversationRoom } from '../../rooms';
import { SessionRegistry } from '../../session/session.registry';
import { SocketServer } from '../../session/socket.server';
import { FeedRegistry } from '../feed/feed.registry';
import { ToldCursors } from './told.cursors';

type Receipt = PayloadOf<typeof ReceiptsMoved>['receipts'][number];

/** Shows the sockets of a conversation who got and who read its messages: cursors that only rise. What is lost of it, `sync` tells. */
@Injectable()
export class ReceiptFanout implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ReceiptFanout.name);
  private readonly told = new ToldCursors();
  private subscription: EventSubscription | undefined;

  constructor(
    private readonly events: EventBus,
    private readonly feeds: FeedRegistry,
    private readonly sockets: SocketServer,
    private readonly sessions: SessionRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const listener = {
      accepts: () => true,
      receive: (event: { parse(of: typeof ReceiptsMoved): PayloadOf<typeof ReceiptsMoved> }) => {
        for (const receipt of event.parse(ReceiptsMoved).receipts) this.show(receipt);
      },
    };
    this.events.subscribe(subjectOf(ReceiptsMoved), listener).then(
      (subscription) => (this.subscription = subscription),
      (err: unknown) => this.log.error({ msg: 'Receipts cannot be heard', err }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.subscription?.close();
  }

  private show(receipt: Receipt): void {
    const { conversationId, userId, kind, upToSeq, messageId, at } = receipt;
    const feed = this.feeds.get(conversationId);
    if (feed === undefined || !this.told.advance(receipt)) return;
    const frame = { conversation_id: conversationId, message_id: messageId, user_id: userId, up_to_seq: upToSeq };
    if (receipt.isOwn === true) return this.showOwn(receipt, { ...frame, read_at: at });
    if (kind === 'read') this.sockets.emitToConversation(feed, 'message_read', { ...frame, read_at: at });
    else this.sockets.emitToConversation(feed, 'message_delivered', { ...frame, delivered_at: at });
  }

  /** What users have read in large conversations only their other devices want to know. */
  private showOwn({ conversationId, userId }: Receipt, frame: ServerFrame<'message_read'>): void {
    const room = conversationRoom(conversationId);
    for (const { socket } of this.sessions.of(userId)) if (socket.rooms.has(room)) socket.emit('message_read', frame);
  }
}
