import { Module } from '@nestjs/common';
import { AttachmentModule } from '../attachment/attachment.module';
import { MessageModule } from '../message/message.module';
import { OutboxModule } from '../outbox/outbox.module';
import { ScheduleController } from './schedule.controller';
import { ScheduleReader } from './schedule.reader';
import { ScheduleRepository } from './schedule.repository';
import { ScheduleService } from './schedule.service';
import { ScheduleSweeper } from './schedule.sweeper';

/** Messages that wait for their time. */
@Module({
  imports: [AttachmentModule, MessageModule, OutboxModule],
  controllers: [ScheduleController],
  providers: [ScheduleReader, ScheduleRepository, ScheduleService, ScheduleSweeper],
  exports: [ScheduleSweeper],
})
export class ScheduleModule {}
