import { Module } from '@nestjs/common';
import { ReceiptController } from './receipt.controller';
import { ReceiptDigest } from './receipt.digest';
import { ReceiptLog } from './receipt.log';
import { ReceiptReader } from './receipt.reader';
import { ReceiptRecorder } from './receipt.recorder';
import { ReceiptRepository } from './receipt.repository';
import { ReceiptService } from './receipt.service';

/** How far people have read and got. */
@Module({
  controllers: [ReceiptController],
  providers: [ReceiptDigest, ReceiptLog, ReceiptReader, ReceiptRecorder, ReceiptRepository, ReceiptService],
  exports: [ReceiptRecorder],
})
export class ReceiptModule {}
