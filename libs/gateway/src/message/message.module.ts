import { Module } from '@nestjs/common';
import { MessageSender } from './message.sender';

/** What requests and sockets do with messages alike. */
@Module({ providers: [MessageSender], exports: [MessageSender] })
export class MessageModule {}
