import { Module } from '@nestjs/common';
import { AttachmentModule } from '../attachment/attachment.module';
import { ChangeModule } from '../change/change.module';
import { MentionModule } from '../mention/mention.module';
import { OutboxModule } from '../outbox/outbox.module';
import { ReceiptModule } from '../receipt/receipt.module';
import { MessageAccessReader } from './message-access.reader';
import { MessageChangeController } from './message-change.controller';
import { MessageChangeWriter } from './message-change.writer';
import { MessageDeleteRepository } from './message-delete.repository';
import { MessageDeleteService } from './message-delete.service';
import { MessageEditReader } from './message-edit.reader';
import { MessageEditRepository } from './message-edit.repository';
import { MessageEditService } from './message-edit.service';
import { MessageBatcher } from './message.batcher';
import { MessageController } from './message.controller';
import { MessagePreparation } from './message.preparation';
import { MessageReader } from './message.reader';
import { MessageRepository } from './message.repository';
import { MessageService } from './message.service';
import { MessageWriter } from './message.writer';

/** Messages: the way of a send, history, and the ways of an edit and a deletion. */
@Module({
  imports: [AttachmentModule, ChangeModule, MentionModule, OutboxModule, ReceiptModule],
  controllers: [MessageController, MessageChangeController],
  providers: [
    MessageBatcher,
    MessagePreparation,
    MessageReader,
    MessageRepository,
    MessageService,
    MessageWriter,
    MessageAccessReader,
    MessageChangeWriter,
    MessageDeleteRepository,
    MessageDeleteService,
    MessageEditReader,
    MessageEditRepository,
    MessageEditService,
  ],
  exports: [MessageBatcher, MessageChangeWriter, MessageReader, MessageRepository, MessageService],
})
export class MessageModule {}
