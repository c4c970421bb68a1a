import type { ClientHeads, ConversationId, Head, OwnUserView, PresenceStatus } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { UserDirectory } from '../../auth/user.directory';
import type { ConversationFeed, Recording } from '../outbound/feed/conversation.feed';
import { FeedRegistry } from '../outbound/feed/feed.registry';
import { after, MembershipFanout } from '../outbound/membership/membership.fanout';
import { MembershipReader } from '../outbound/membership/membership.reader';
import { userRoom } from '../rooms';
import type { ChatSocket } from '../session/chat.socket';
import { PresenceReporter } from '../session/presence.reporter';
import type { LocalSession } from '../session/session.registry';
import type { Missed } from '../session/sync.reader';
import { SyncTeller } from '../session/sync.teller';

interface Opening {
  readonly user: OwnUserView;
  readonly epoch: string;
  readonly feeds: readonly ConversationFeed[];
  readonly missed?: Missed | undefined;
  readonly recordings: ReadonlyMap<ConversationId, Recording>;
}

/**
 * Brings a new socket to where its conversations stand.
 *
 * Guarantees: `session` is the first event, then `synced` if the handshake gave heads; from the heads that they name on,
 * the socket hears every change of its conversations once and in order. What the client says before is held meanwhile.
 */
@Injectable()
export class SessionOpener {
  constructor(
    private readonly users: UserDirectory,
    private readonly memberships: MembershipReader,
    private readonly feeds: FeedRegistry,
    private readonly fanout: MembershipFanout,
    private readonly reporter: PresenceReporter,
    private readonly teller: SyncTeller,
  ) {}

  /** @throws AppError `service_unavailable`; the socket has joined nothing then. */
  async open(local: LocalSession): Promise<void> {
    const { session, heads } = local.socket.data;
    const [profile, epoch, ids] = await Promise.all([
      this.users.ensure(session),
      this.teller.readEpoch(),
      this.memberships.list(session.userId),
    ]);
    const [feeds, status] = await Promise.all([
      this.feeds.open(ids, session.userId),
      this.reporter.statusOf(session.userId),
    ]);
    const user = seenAs(profile, status);
    const recordings = new Map(heads ? feeds.map((feed) => [feed.id, feed.record()]) : []);
    try {
      const enter = (missed?: Missed): void => this.enter(local, { user, epoch, feeds, missed, recordings });
      if (heads) await this.teller.tell(local, { heads, prepare: (missed) => reached(feeds, missed) }, enter);
      else enter();
    } catch (error) {
      for (const feed of feeds) this.feeds.release(feed);
      throw error;
    } finally {
      for (const recording of recordings.values()) recording.stop();
    }
    this.fanout.opened(local);
  }

  /** In one turn of the event loop, so that nothing is emitted between the heads that are told and the rooms that are joined. */
  private enter({ socket, left }: LocalSession, { user, epoch, feeds: opened, missed, recordings }: Opening): void {
    // What the user was taken out of meanwhile, its rooms do not begin with.
    const feeds = socket.connected ? opened.filter(({ id }) => !left.has(id)) : [];
    const kept = new Set(feeds);
    for (const feed of opened) if (!kept.has(feed)) this.feeds.release(feed);
    if (!socket.connected) return;
    const heads: Record<string, Head> = {};
    for (const feed of feeds) {
      // What the answer had no room for the client does not have yet: named here, its next `sync` would not ask for it.
      const head = missed ? toldHead(feed.id, missed, socket.data.heads?.[feed.id]) : feed.head;
      if (head) heads[feed.id] = head;
    }
    void socket.join([userRoom(user.id), ...feeds.map(({ room }) => room)]);
    socket.emit('session', { user, server_time: new Date().toISOString(), epoch, heads });
    socket.data.heads = undefined;
    if (!missed) return;
    socket.emit('synced', missed.sync);
    for (const { id } of feeds) this.replay(socket, heads[id], recordings.get(id));
  }

  /** Shows what happened between the answer and now. */
  private replay(socket: ChatSocket, head: Head | undefined, recording: Recording | undefined): void {
    if (head === undefined || recording === undefined) return;
    for (const { event, frame } of after(head, recording)) socket.emit(event, frame as never);
  }
}

/** Resolves when the feeds have come to where an answer ends: what they show next is what comes after it. */
function reached(feeds: readonly ConversationFeed[], { heads }: Missed): Promise<unknown> {
  return Promise.all(feeds.map((feed) => feed.reached(heads[feed.id]?.rev ?? 0)));
}

/**
 * Where a conversation stands that the client knows all of, once it has read the answer.
 *
 * @param seen of it, as the client says.
 */
function toldHead(
  id: ConversationId,
  { sync, heads }: Missed,
  seen: ClientHeads[string] | undefined,
): Head | undefined {
  const head = heads[id];
  if (head === undefined || !sync.has_more) return head;
  const changes = sync.conversations[id];
  if (changes) return changes.has_more ? undefined : head;
  // What the client did not name is told as new, or has no head here; of what it named nothing may be left to tell.
  const known = typeof seen === 'object' ? seen : { seq: seen ?? head.seq, rev: head.rev };
  return known.seq === head.seq && known.rev === head.rev ? head : undefined;
}

/** A user as it is seen now; who is not offline was not last seen at some time. */
function seenAs(user: OwnUserView, status: PresenceStatus): OwnUserView {
  return { ...user, status, last_seen: status === 'offline' ? user.last_seen : null };
}
