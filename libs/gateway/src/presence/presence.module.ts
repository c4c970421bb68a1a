import { Module } from '@nestjs/common';
import { PresenceConfig } from '@parley/config';
import { AuthModule } from '../auth/auth.module';
import { PresenceFiller } from './presence.filler';
import { PresenceReader } from './presence.reader';
import { RequestActivity } from './request.activity';
import { StatusService } from './status.service';
import { TypingBoard } from './typing.board';
import { TypingService } from './typing.service';

/** What requests and sockets do with presence alike. */
@Module({
  imports: [AuthModule],
  providers: [
    {
      provide: TypingBoard,
      inject: [PresenceConfig.token],
      useFactory: ({ typingMs }: PresenceConfig) => new TypingBoard(typingMs),
    },
    RequestActivity,
    PresenceReader,
    PresenceFiller,
    TypingService,
    StatusService,
  ],
  exports: [TypingBoard, RequestActivity, PresenceReader, PresenceFiller, TypingService, StatusService],
})
export class PresenceModule {}
