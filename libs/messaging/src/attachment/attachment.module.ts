import { Module } from '@nestjs/common';
import { AttachmentAccessReader } from './attachment-access.reader';
import { AttachmentController } from './attachment.controller';
import { AttachmentReader } from './attachment.reader';
import { AttachmentRepository } from './attachment.repository';

/** Files in messages, and who may have them. */
@Module({
  controllers: [AttachmentController],
  providers: [AttachmentAccessReader, AttachmentReader, AttachmentRepository],
  exports: [AttachmentReader, AttachmentRepository],
})
export class AttachmentModule {}
