import { Module } from '@nestjs/common';
import { MessageModule } from '../message/message.module';
import { ReactionController } from './reaction.controller';
import { ReactionRepository } from './reaction.repository';
import { ReactionService } from './reaction.service';

/** One emoji a user, on a message. */
@Module({
  imports: [MessageModule],
  controllers: [ReactionController],
  providers: [ReactionRepository, ReactionService],
})
export class ReactionModule {}
