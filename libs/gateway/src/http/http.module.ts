import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module';
import { BearerGuard } from '../auth/bearer.guard';
import { FilesModule } from '../media/files.module';
import { LimitGuard } from '../limits/limit.guard';
import { LimitsModule } from '../limits/limits.module';
import { MessageModule } from '../message/message.module';
import { PresenceModule } from '../presence/presence.module';
import { RequestActivity } from '../presence/request.activity';
import { ActivityController } from './presence/activity.controller';
import { BlockController } from './user/block.controller';
import { ConversationController } from './conversation/conversation.controller';
import { DevTokenController } from './auth/dev-token.controller';
import { EventsController } from './docs/events.controller';
import { HomeController } from './docs/home.controller';
import { RedocController } from './docs/redoc.controller';
import { publishHealth } from './health.routes';
import { FileController } from './file/file.controller';
import { FileUploadController } from './file/file-upload.controller';
import { MessageController } from './message/message.controller';
import { ParticipantController } from './conversation/participant.controller';
import { PinController } from './message/pin.controller';
import { PresenceController } from './presence/presence.controller';
import { ProblemFilter } from './server/problem.filter';
import { ReactionController } from './message/reaction.controller';
import { ReceiptController } from './message/receipt.controller';
import { ScheduleController } from './message/schedule.controller';
import { UserController } from './user/user.controller';
import { UserAdminController } from './user/user-admin.controller';

publishHealth();

/** The REST API: one controller for each noun; every route is guarded, every failure is a problem document. */
@Module({
  imports: [AuthModule, FilesModule, LimitsModule, MessageModule, PresenceModule],
  controllers: [
    ConversationController,
    ParticipantController,
    MessageController,
    ReceiptController,
    ReactionController,
    PinController,
    ScheduleController,
    FileController,
    FileUploadController,
    UserController,
    UserAdminController,
    BlockController,
    PresenceController,
    ActivityController,
    DevTokenController,
    HomeController,
    RedocController,
    EventsController,
  ],
  providers: [
    // In this order: whom to limit is known from the token.
    { provide: APP_GUARD, useClass: BearerGuard },
    { provide: APP_GUARD, useClass: LimitGuard },
    { provide: APP_GUARD, useExisting: RequestActivity },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class HttpModule {}
