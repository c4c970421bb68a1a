import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { MessageModule } from '../message/message.module';
import { MessageSocket } from './inbound/message.socket';
import { SessionSocket } from './inbound/session.socket';
import { SyncSocket } from './inbound/sync.socket';
import { ChatFanout } from './outbound/chat.fanout';
import { FeedRegistry } from './outbound/feed.registry';
import { MembershipFanout } from './outbound/membership.fanout';
import { MembershipReader } from './outbound/membership.reader';
import { SessionExpiry } from './session/session.expiry';
import { SessionGateway } from './session/session.gateway';
import { SessionOpener } from './session/session.opener';
import { SessionRegistry } from './session/session.registry';
import { SessionRenewal } from './session/session.renewal';
import { SocketDrain } from './session/socket.drain';
import { SocketServer } from './session/socket.server';

/** Sockets: who is connected, what they say, what they are told. */
@Module({
  imports: [AuthModule, MessageModule],
  providers: [
    SocketServer,
    SocketDrain,
    SessionRegistry,
    SessionOpener,
    SessionRenewal,
    SessionExpiry,
    SessionGateway,
    FeedRegistry,
    MembershipReader,
    MembershipFanout,
    ChatFanout,
    MessageSocket,
    SyncSocket,
    SessionSocket,
  ],
  exports: [SocketDrain],
})
export class RealtimeModule {}
