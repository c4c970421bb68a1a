import { Module } from '@nestjs/common';
import { ChangeModule } from '../change/change.module';
import { OutboxModule } from '../outbox/outbox.module';
import { UserModule } from '../user/user.module';
import { ConversationSettingsService } from './conversation-settings.service';
import { ConversationController } from './conversation.controller';
import { ConversationReader } from './conversation.reader';
import { ConversationRepository } from './conversation.repository';
import { ConversationService } from './conversation.service';
import { PublicConversationReader } from './public-conversation.reader';

/** Conversations: opening, listing, settings, the end. */
@Module({
  imports: [ChangeModule, OutboxModule, UserModule],
  controllers: [ConversationController],
  providers: [
    ConversationReader,
    ConversationRepository,
    ConversationService,
    ConversationSettingsService,
    PublicConversationReader,
  ],
  exports: [ConversationReader],
})
export class ConversationModule {}
