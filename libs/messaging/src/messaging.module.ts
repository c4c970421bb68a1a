import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AttachmentModule } from './attachment/attachment.module';
import { BlockModule } from './block/block.module';
import { ConversationModule } from './conversation/conversation.module';
import { HealthModule } from './health/health.module';
import { MessageModule } from './message/message.module';
import { OutboxModule } from './outbox/outbox.module';
import { ParticipantModule } from './participant/participant.module';
import { PeerModule } from './peer/peer.module';
import { PinModule } from './pin/pin.module';
import { ReactionModule } from './reaction/reaction.module';
import { ReceiptModule } from './receipt/receipt.module';
import { ScheduleModule } from './schedule/schedule.module';
import { SyncModule } from './sync/sync.module';
import { UserModule } from './user/user.module';
import { MessageBatcher } from './message/message.batcher';
import { HeadsDigest } from './outbox/heads.digest';
import { OutboxPublisher } from './outbox/outbox.publisher';
import { OutboxRelay } from './outbox/outbox.relay';
import { ReceiptRecorder } from './receipt/receipt.recorder';
import { ScheduleSweeper } from './schedule/schedule.sweeper';

/** How long the end of the process waits for the broker; what it does not confirm by then, another process relays. */
const publishGraceMs = 3_000;

/** The service that owns users, conversations and messages. Needs DatabaseModule, BusModule and MessagingConfig. */
@Module({
  imports: [
    UserModule,
    BlockModule,
    ConversationModule,
    ParticipantModule,
    PeerModule,
    MessageModule,
    AttachmentModule,
    ReactionModule,
    PinModule,
    ReceiptModule,
    ScheduleModule,
    SyncModule,
    OutboxModule,
    HealthModule,
  ],
})
export class MessagingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly batcher: MessageBatcher,
    private readonly publisher: OutboxPublisher,
    private readonly relay: OutboxRelay,
    private readonly digest: HeadsDigest,
    private readonly sweeper: ScheduleSweeper,
    private readonly receipts: ReceiptRecorder,
  ) {}

  onApplicationBootstrap(): void {
    this.relay.start();
    this.digest.start();
    this.sweeper.start();
  }

  /** Calls are over by now. Bus and database close after this: they are global modules, which end last. */
  async onApplicationShutdown(): Promise<void> {
    await this.sweeper.stop();
    await this.batcher.close();
    await this.receipts.close();
    await this.relay.stop();
    await this.publisher.drain(publishGraceMs);
    this.digest.stop();
  }
}
