import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module';
import { BearerGuard } from '../auth/bearer.guard';
import { MessageModule } from '../message/message.module';
import { ConversationController } from './conversation.controller';
import { DevTokenController } from './dev-token.controller';
import { RedocController } from './docs/redoc.controller';
import { publishHealth } from './health.routes';
import { MessageController } from './message.controller';
import { ProblemFilter } from './problem.filter';
import { UserController } from './user.controller';

publishHealth();

/** The REST API: one controller for each noun; every route is guarded, every failure is a problem document. */
@Module({
  imports: [AuthModule, MessageModule],
  controllers: [ConversationController, MessageController, UserController, DevTokenController, RedocController],
  providers: [
    { provide: APP_GUARD, useClass: BearerGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class HttpModule {}
