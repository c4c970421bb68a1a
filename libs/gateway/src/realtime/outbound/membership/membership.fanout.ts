import type { ConversationId, ConversationView, Head } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable, Logger } from '@nestjs/common';
import { conversationRoom } from '../../rooms';
import type { ChatSocket } from '../../session/chat.socket';
import { resync } from '../../session/resync';
import { type Joined, type LocalSession, SessionRegistry } from '../../session/session.registry';
import type { Change } from '../feed/change';
import type { ConversationFeed, Recording, Removal } from '../feed/conversation.feed';
import { FeedRegistry } from '../feed/feed.registry';
import { MembershipReader } from './membership.reader';

/** How long until sockets that could not be brought in are tried again, in milliseconds. */
const retryMs = 1_000;

/** Brings sockets into the conversations that their users join while connected, without a gap or a repeat. */
@Injectable()
export class MembershipFanout {
  private readonly log = new Logger(MembershipFanout.name);

  constructor(
    private readonly sessions: SessionRegistry,
    private readonly feeds: FeedRegistry,
    private readonly memberships: MembershipReader,
  ) {}

  /** A user is in a conversation from `joined.rev` on: its sockets here are told, and hear what comes after. */
  joined(joined: Joined): void {
    const sockets: ChatSocket[] = [];
    for (const session of this.sessions.of(joined.userId)) {
      if (session.pending) session.pending.push(joined);
      else sockets.push(session.socket);
    }
    if (sockets.length > 0) void this.admit(joined, sockets);
  }

  /** A session has caught up: its socket is brought into what its user joined meanwhile. */
  opened(local: LocalSession): void {
    for (const joined of local.open()) {
      if (!local.socket.rooms.has(conversationRoom(joined.conversationId))) void this.admit(joined, [local.socket]);
    }
  }

  /**
   * Never rejects: it is tried again for as long as the sockets are there and nobody answers.
   *
   * @param hasMissed what was said since its user joined: whoever is brought in is asked to load it.
   */
  async admit(joined: Joined, sockets: readonly ChatSocket[], hasMissed = false): Promise<void> {
    const feed = this.feeds.openAt(joined.conversationId, { seq: joined.seq, rev: joined.rev });
    try {
      if ((await feed.opened) !== 'live') throw new AppError('service_unavailable');
      const entered = await this.bringIn(feed, joined, sockets);
      if (hasMissed) for (const socket of entered) resync(socket, [joined.conversationId], 'conversation_joined');
    } catch (error) {
      if (AppError.from(error).kind === 'not_found') return tellOfEnd(sockets, joined.conversationId);
      this.log.warn(`could not bring sockets into conversation ${joined.conversationId}: ${String(error)}`);
      setTimeout(() => this.admitAgain(joined, sockets, hasMissed), retryMs).unref();
    } finally {
      this.feeds.release(feed);
    }
  }

  private admitAgain(joined: Joined, sockets: readonly ChatSocket[], hasMissed: boolean): void {
    const waiting = sockets.filter(({ connected }) => connected);
    if (waiting.length > 0) void this.admit(joined, waiting, hasMissed);
  }

  /** @returns the sockets that it has brought in: others were there already, or are gone. */
  private async bringIn(
    feed: ConversationFeed,
    joined: Joined,
    sockets: readonly ChatSocket[],
  ): Promise<readonly ChatSocket[]> {
    // Not before the feed is open: what its head covers from the start, no recording holds.
    const recording = feed.record();
    try {
      const present = await this.memberships.describe(joined.conversationId);
      const missed = await this.changesBetween(feed, joined, recording.from);
      // What happened before this gateway had the feed was dropped unheard, and will not be told again.
      await feed.reached(Math.max(missed.head.rev, present.rev));
      const changes = [...missed.changes, ...after(missed.head, recording)];
      if (isRemoval(joined, changes, [...missed.removed, ...recording.removed])) {
        tellOfEnd(sockets, joined.conversationId);
        return [];
      }
      return this.enter(feed, sockets, asOf(joined, present), changes);
    } finally {
      recording.stop();
    }
  }

  /** What was emitted after the join and before the recording: nobody here kept it. */
  private async changesBetween(
    feed: ConversationFeed,
    joined: Head,
    recordedFrom: Head,
  ): Promise<{ changes: Change[]; removed: Removal[]; head: Head }> {
    const changes: Change[] = [];
    const removed: Removal[] = [];
    let head: Head = { seq: joined.seq, rev: joined.rev };
    for (let hasMore = recordedFrom.rev > head.rev; hasMore;) {
      const page = await this.feeds.fetch(feed.id, head);
      changes.push(...page.changes);
      removed.push(...page.removed);
      head = page.head;
      hasMore = page.hasMore;
    }
    return { changes, removed, head };
  }

  private enter(
    feed: ConversationFeed,
    sockets: readonly ChatSocket[],
    conversation: ConversationView,
    changes: readonly Change[],
  ): readonly ChatSocket[] {
    const { room } = feed;
    const entering = sockets.filter((socket) => socket.connected && !socket.rooms.has(room));
    for (const socket of entering) {
      feed.pins++;
      void socket.join(room);
      this.sessions.find(socket)?.join(feed.id);
      socket.emit('conversation_created', { conversation_id: feed.id, rev: conversation.rev, conversation });
      for (const { event, frame } of changes) socket.emit(event, frame as never);
    }
    return entering;
  }
}

/** Was the user taken out again before it was brought in? */
function isRemoval(
  { userId, rev: joinedAt }: Joined,
  changes: readonly Change[],
  removed: readonly Removal[],
): boolean {
  return (
    changes.some(({ removes }) => removes === userId || removes === 'everybody') ||
    removed.some((removal) => removal.userId === userId && removal.rev > joinedAt)
  );
}

/**
 * The sockets were not brought in, so that they hear no removal. An answer to `sync` may have told them of the conversation
 * meanwhile: what is asked for again is told to be gone.
 */
function tellOfEnd(sockets: readonly ChatSocket[], id: ConversationId): void {
  for (const socket of sockets) if (!socket.rooms.has(conversationRoom(id))) resync(socket, [id], 'conversation_left');
}

/** The conversation as it stood when the user joined: what came after is shown as it came. */
function asOf(joined: Joined, view: ConversationView): ConversationView {
  const lastMessage = view.last_message && view.last_message.seq <= joined.seq ? view.last_message : null;
  return { ...view, last_seq: joined.seq, rev: joined.rev, last_message: lastMessage };
}

/** What a recording holds beyond a head. */
export function after(head: Head, recording: Recording): Change[] {
  return recording.changes.filter(({ rev }) => rev > head.rev);
}
