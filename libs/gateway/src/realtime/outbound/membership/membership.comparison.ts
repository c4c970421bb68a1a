import { type ConversationId, type UserId, userToken } from '@parley/contracts';
import { Injectable, Logger } from '@nestjs/common';
import { conversationOfRoom, conversationRoom } from '../../rooms';
import type { ChatSocket } from '../../session/chat.socket';
import { resync } from '../../session/resync';
import { type LocalSession, SessionRegistry } from '../../session/session.registry';
import { FeedRegistry } from '../feed/feed.registry';
import { MembershipFanout } from './membership.fanout';
import { MembershipReader } from './membership.reader';

/** How long until a user is looked at again whose session was opening, in milliseconds. */
const retryMs = 1_000;

/** Compares what users are in with the rooms of their sockets, after events may have been missed: nobody tells of those again. */
@Injectable()
export class MembershipComparison {
  private readonly log = new Logger(MembershipComparison.name);

  constructor(
    private readonly sessions: SessionRegistry,
    private readonly feeds: FeedRegistry,
    private readonly memberships: MembershipReader,
    private readonly fanout: MembershipFanout,
  ) {}

  /** Of all users here. @throws AppError `service_unavailable` */
  async compare(): Promise<void> {
    for (const userId of this.sessions.users()) await this.compareOf(userId);
  }

  private async compareOf(userId: UserId): Promise<void> {
    // What a socket is brought into while the answer is on its way, the answer does not know of.
    const joinedBefore = new Map(Array.from(this.sessions.of(userId), ({ socket }) => [socket, joinedBy(socket)]));
    const ids = await this.memberships.list(userId);
    const memberships = new Set(ids);
    let isOpening = false;
    for (const local of this.sessions.of(userId)) {
      const { socket, pending } = local;
      isOpening ||= pending !== undefined;
      if (pending) continue;
      const lost = (joinedBefore.get(socket) ?? []).filter((id) => !memberships.has(id));
      this.takeOut(local, lost);
      const missing = ids.filter((id) => !socket.rooms.has(conversationRoom(id)));
      await this.bringInto(socket, userId, missing);
    }
    // It may have asked what its user is in before an event was lost.
    if (isOpening) setTimeout(() => void this.compareAgain(userId), retryMs).unref();
  }

  /** Never rejects: it is tried again for as long as the user is here. */
  private async compareAgain(userId: UserId): Promise<void> {
    if (!this.sessions.hasUser(userToken(userId))) return;
    try {
      await this.compareOf(userId);
    } catch (error) {
      this.log.warn(`could not compare the memberships of a session that was opening: ${String(error)}`);
      setTimeout(() => void this.compareAgain(userId), retryMs).unref();
    }
  }

  /** What lost events would have told: the user is not in these any more. */
  private takeOut(local: LocalSession, lost: readonly ConversationId[]): void {
    const { socket } = local;
    const left = lost.filter((id) => socket.rooms.has(conversationRoom(id)));
    for (const id of left) this.feeds.takeOut(local, id);
    if (left.length > 0) resync(socket, left, 'conversation_left');
  }

  /** What lost events would have told: the user is in these, unless that has changed since it was asked. */
  private async bringInto(socket: ChatSocket, userId: UserId, missing: readonly ConversationId[]): Promise<void> {
    for (const [conversationId, { seq, rev }] of await this.feeds.headsOf(missing, userId)) {
      await this.fanout.admit({ v: 1, userId, conversationId, seq, rev }, [socket], seq > 0);
    }
  }
}

function joinedBy(socket: ChatSocket): ConversationId[] {
  return [...socket.rooms].flatMap((room) => conversationOfRoom(room) ?? []);
}
