import { Module } from '@nestjs/common';
import { HeadsDigest } from './heads.digest';
import { OutboxPublisher } from './outbox.publisher';
import { OutboxRelay } from './outbox.relay';
import { OutboxRepository } from './outbox.repository';

/** What was committed, on its way to the broker. */
@Module({
  providers: [HeadsDigest, OutboxPublisher, OutboxRelay, OutboxRepository],
  exports: [HeadsDigest, OutboxPublisher, OutboxRelay, OutboxRepository],
})
export class OutboxModule {}
