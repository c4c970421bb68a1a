import { Module } from '@nestjs/common';
import { UserModule } from '../user/user.module';
import { BlockController } from './block.controller';
import { BlockReader } from './block.reader';
import { BlockRepository } from './block.repository';
import { BlockService } from './block.service';

/** Who wants to hear nothing from whom. */
@Module({
  imports: [UserModule],
  controllers: [BlockController],
  providers: [BlockReader, BlockRepository, BlockService],
})
export class BlockModule {}
