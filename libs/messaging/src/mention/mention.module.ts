import { Module } from '@nestjs/common';
import { MentionReader } from './mention.reader';

/** Whom messages name. */
@Module({
  providers: [MentionReader],
  exports: [MentionReader],
})
export class MentionModule {}
