import { Module } from '@nestjs/common';
import { MessageModule } from '../message/message.module';
import { PinController } from './pin.controller';
import { PinReader } from './pin.reader';
import { PinRepository } from './pin.repository';
import { PinService } from './pin.service';

/** Messages that a conversation keeps at hand. */
@Module({
  imports: [MessageModule],
  controllers: [PinController],
  providers: [PinReader, PinRepository, PinService],
})
export class PinModule {}
