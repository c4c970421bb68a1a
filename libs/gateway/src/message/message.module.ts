import { Module } from '@nestjs/common';
import { MessageSender } from './message.sender';
import { ReceiptMarker } from './receipt.marker';

/** What requests and sockets do with messages alike. */
@Module({ providers: [MessageSender, ReceiptMarker], exports: [MessageSender, ReceiptMarker] })
export class MessageModule {}
