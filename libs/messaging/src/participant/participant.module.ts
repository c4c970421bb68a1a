import { Module } from '@nestjs/common';
import { ChangeModule } from '../change/change.module';
import { ConversationModule } from '../conversation/conversation.module';
import { UserModule } from '../user/user.module';
import { ParticipantController } from './participant.controller';
import { ParticipantReader } from './participant.reader';
import { ParticipantRepository } from './participant.repository';
import { ParticipantService } from './participant.service';

/** Who is in a conversation, and as what. */
@Module({
  imports: [ChangeModule, ConversationModule, UserModule],
  controllers: [ParticipantController],
  providers: [ParticipantReader, ParticipantRepository, ParticipantService],
})
export class ParticipantModule {}
