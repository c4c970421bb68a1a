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
import { ActivityController } from './activity.controller';
import { BlockController } from './block.controller';
import { ConversationController } from './conversation.controller';
import { DevTokenController } from './dev-token.controller';
import { EventsController } from './docs/events.controller';
import { RedocController } from './docs/redoc.controller';
import { publishHealth } from './health.routes';
import { FileController } from './file.controller';
import { FileUploadController } from './file-upload.controller';
import { MessageController } from './message.controller';
import { ParticipantController } from './participant.controller';
import { PinController } from './pin.controller';
import { PresenceController } from './presence.controller';
import { ProblemFilter } from './problem.filter';
import { ReactionController } from './reaction.controller';
import { ReceiptController } from './receipt.controller';
import { ScheduleController } from './schedule.controller';
import { UserController } from './user.controller';
import { UserAdminController } from './user-admin.controller';

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
