import { Module } from '@nestjs/common';
import { ConversationModule } from '../conversation/conversation.module';
import { ChangeController } from './change.controller';
import { ChangeReader } from './change.reader';
import { SyncController } from './sync.controller';
import { SyncReader } from './sync.reader';
import { SyncService } from './sync.service';

/** What was missed: by clients, and by gateways. */
@Module({
  imports: [ConversationModule],
  controllers: [SyncController, ChangeController],
  providers: [ChangeReader, SyncReader, SyncService],
})
export class SyncModule {}
