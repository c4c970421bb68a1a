import { Module } from '@nestjs/common';
import { OutboxModule } from '../outbox/outbox.module';
import { UserAccessRepository } from './user-access.repository';
import { UserAccessService } from './user-access.service';
import { UserController } from './user.controller';
import { UserReader } from './user.reader';
import { UserRepository } from './user.repository';
import { UserService } from './user.service';

/** Profiles, and who may come in. */
@Module({
  imports: [OutboxModule],
  controllers: [UserController],
  providers: [UserReader, UserRepository, UserService, UserAccessRepository, UserAccessService],
  exports: [UserReader],
})
export class UserModule {}
