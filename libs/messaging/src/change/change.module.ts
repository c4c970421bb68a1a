import { Module } from '@nestjs/common';
import { OutboxModule } from '../outbox/outbox.module';
import { ConversationWriter } from './conversation.writer';

/** Changes of conversations, under their locks. */
@Module({
  imports: [OutboxModule],
  providers: [ConversationWriter],
  exports: [ConversationWriter],
})
export class ChangeModule {}
