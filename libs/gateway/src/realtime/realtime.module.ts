import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module';
import { LimitsModule } from '../limits/limits.module';
import { MessageModule } from '../message/message.module';
import { PresenceModule } from '../presence/presence.module';
import { ActivitySocket } from './inbound/activity.socket';
import { FrameLimits } from './inbound/frame.limits';
import { MessageSocket } from './inbound/message.socket';
import { PresenceSocket } from './inbound/presence.socket';
import { ReactionSocket } from './inbound/reaction.socket';
import { ReceiptSocket } from './inbound/receipt.socket';
import { SendQueues } from './inbound/send.queues';
import { SessionSocket } from './inbound/session.socket';
import { SyncSocket } from './inbound/sync.socket';
import { ActivityFanout } from './outbound/activity/activity.fanout';
import { ChatFanout } from './outbound/chat.fanout';
import { DisruptionRepair } from './outbound/disruption.repair';
import { EphemeralEmitter } from './outbound/presence/ephemeral.emitter';
import { FeedRegistry } from './outbound/feed/feed.registry';
import { MembershipComparison } from './outbound/membership/membership.comparison';
import { MembershipFanout } from './outbound/membership/membership.fanout';
import { MembershipReader } from './outbound/membership/membership.reader';
import { NameReader } from './outbound/activity/name.reader';
import { PresenceAudience } from './outbound/presence/presence.audience';
import { PresenceEmitter } from './outbound/presence/presence.emitter';
import { PresenceFanout } from './outbound/presence/presence.fanout';
import { PresenceMirror } from './outbound/presence/presence.mirror';
import { PresenceWatches } from './outbound/presence/presence.watches';
import { ReceiptFanout } from './outbound/activity/receipt.fanout';
import { ConversationViews } from './session/conversation.views';
import { PresenceReporter } from './session/presence.reporter';
import { LoopLag } from './lifecycle/loop.lag';
import { SessionAccess } from './session/session.access';
import { SessionAdmission } from './lifecycle/session.admission';
import { SessionCapacity } from './lifecycle/session.capacity';
import { SessionExpiry } from './session/session.expiry';
import { SessionGateway } from './lifecycle/session.gateway';
import { SessionOpener } from './lifecycle/session.opener';
import { SessionRegistry } from './session/session.registry';
import { SessionRenewal } from './session/session.renewal';
import { SocketDrain } from './lifecycle/socket.drain';
import { SocketServer } from './session/socket.server';
import { StandstillGuard } from './lifecycle/standstill.guard';
import { SyncReader } from './session/sync.reader';
import { SyncTeller } from './session/sync.teller';

/** Sockets: who is connected, what they say, what they are told. */
@Module({
  imports: [AuthModule, LimitsModule, MessageModule, PresenceModule],
  providers: [
    SocketServer,
    SocketDrain,
    SessionRegistry,
    SessionAccess,
    LoopLag,
    { provide: APP_GUARD, useClass: StandstillGuard },
    SessionCapacity,
    SessionAdmission,
    SyncReader,
    SyncTeller,
    SessionOpener,
    SessionRenewal,
    SessionExpiry,
    SessionGateway,
    FeedRegistry,
    MembershipReader,
    MembershipFanout,
    MembershipComparison,
    DisruptionRepair,
    ChatFanout,
    ReceiptFanout,
    EphemeralEmitter,
    NameReader,
    PresenceReporter,
    PresenceAudience,
    PresenceEmitter,
    PresenceMirror,
    PresenceWatches,
    PresenceFanout,
    ActivityFanout,
    ConversationViews,
    SendQueues,
    FrameLimits,
    MessageSocket,
    ReactionSocket,
    ReceiptSocket,
    SyncSocket,
    SessionSocket,
    PresenceSocket,
    ActivitySocket,
  ],
  exports: [LoopLag, SocketDrain],
})
export class RealtimeModule {}
