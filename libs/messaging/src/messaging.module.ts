import { Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ConversationController } from './conversation/conversation.controller';
import { ConversationReader } from './conversation/conversation.reader';
import { ConversationRepository } from './conversation/conversation.repository';
import { ConversationService } from './conversation/conversation.service';
import { MessageBatcher } from './message/message.batcher';
import { MessageController } from './message/message.controller';
import { MessageReader } from './message/message.reader';
import { MessageRepository } from './message/message.repository';
import { MessageService } from './message/message.service';
import { MessageWriter } from './message/message.writer';
import { HeadsDigest } from './outbox/heads.digest';
import { OutboxPublisher } from './outbox/outbox.publisher';
import { OutboxRelay } from './outbox/outbox.relay';
import { OutboxRepository } from './outbox/outbox.repository';
import { ParticipantController } from './participant/participant.controller';
import { ParticipantReader } from './participant/participant.reader';
import { SyncController } from './sync/sync.controller';
import { SyncReader } from './sync/sync.reader';
import { SyncService } from './sync/sync.service';
import { UserController } from './user/user.controller';
import { UserRepository } from './user/user.repository';

/** How long the end of the process waits for the broker; what it does not confirm by then, another process relays. */
const publishGraceMs = 3_000;

/** The service that owns users, conversations and messages. Needs DatabaseModule, BusModule and MessagingConfig. */
@Module({
  controllers: [UserController, ConversationController, ParticipantController, MessageController, SyncController],
  providers: [
    UserRepository,
    ConversationReader,
    ConversationRepository,
    ConversationService,
    ParticipantReader,
    MessageBatcher,
    MessageReader,
    MessageRepository,
    MessageService,
    MessageWriter,
    SyncReader,
    SyncService,
    HeadsDigest,
    OutboxPublisher,
    OutboxRelay,
    OutboxRepository,
  ],
})
export class MessagingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly batcher: MessageBatcher,
    private readonly publisher: OutboxPublisher,
    private readonly relay: OutboxRelay,
    private readonly digest: HeadsDigest,
  ) {}

  onApplicationBootstrap(): void {
    this.relay.start();
    this.digest.start();
  }

  /** Calls are over by now. Bus and database close after this: they are global modules, which end last. */
  async onApplicationShutdown(): Promise<void> {
    await this.batcher.close();
    await this.relay.stop();
    await this.publisher.drain(publishGraceMs);
    this.digest.stop();
  }
}
