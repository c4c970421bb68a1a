import { RpcClient } from '@parley/bus';
import { type ConversationId, type Head, ListChanges, ReadHeads, type Rev, type UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { conversationRoom } from '../../rooms';
import { type LocalSession, SessionRegistry } from '../../session/session.registry';
import { SocketServer } from '../../session/socket.server';
import { type Change, deletedConversation, removedParticipant } from './change';
import { type ChangePage, ConversationFeed } from './conversation.feed';
import { toChanges } from './repair';

const headsPerCall = 1_000;

/** The feeds of the conversations that this gateway has sockets in; the others cost it nothing. */
@Injectable()
export class FeedRegistry {
  private readonly feeds = new Map<ConversationId, ConversationFeed>();

  constructor(
    private readonly rpc: RpcClient,
    private readonly sockets: SocketServer,
    private readonly sessions: SessionRegistry,
  ) {}

  get(id: string): ConversationFeed | undefined {
    return this.feeds.get(id as ConversationId);
  }

  /**
   * The feeds of some conversations, each pinned once for the caller, who releases them. Those that are new here are opened
   * at their present heads; what is announced while they are asked for is held, not lost. Conversations that are gone, or
   * that the user was not in when that was asked, are left out; a removal after that comes through the feed.
   *
   * @throws AppError `service_unavailable`; nothing is pinned then.
   */
  async open(ids: readonly ConversationId[], userId: UserId): Promise<ConversationFeed[]> {
    const missing = ids.filter((id) => !this.feeds.has(id));
    const feeds = ids.map((id) => this.pin(id));
    const inside = await this.openThoseInside(feeds, missing, userId).catch(() => undefined);
    const live = feeds.filter(({ id }) => inside?.has(id));
    const kept = new Set(live);
    for (const feed of feeds) if (!kept.has(feed)) this.release(feed);
    if (!inside) throw new AppError('service_unavailable');
    return live;
  }

  /** The feed of a conversation, pinned once for the caller; if it is new here it begins right after `head`. */
  openAt(id: ConversationId, head: Head): ConversationFeed {
    const isNew = !this.feeds.has(id);
    const feed = this.pin(id);
    if (isNew) feed.openAt(head);
    return feed;
  }

  release(feed: ConversationFeed): void {
    if (--feed.pins > 0) return;
    feed.close();
    if (this.feeds.get(feed.id) === feed) this.feeds.delete(feed.id);
  }

  /** Where those of the conversations stand that the user is in at that head. @throws AppError `service_unavailable` */
  async headsOf(ids: readonly ConversationId[], userId: UserId): Promise<Map<ConversationId, Head>> {
    const found = new Map<ConversationId, Head>();
    for (const part of partsOf(ids)) {
      for (const [id, head] of await this.readHeads(part, userId)) found.set(id, head);
    }
    return found;
  }

  /** Asks where all conversations of this gateway stand, and lets the feeds repair what they missed. */
  async compareHeads(): Promise<void> {
    for (const part of partsOf([...this.feeds.keys()])) {
      const heads = await this.readHeads(part);
      for (const id of part) {
        const feed = this.feeds.get(id);
        // Of one that is gone the repair finds out, and tells.
        feed?.expect(heads.get(id)?.rev ?? feed.head.rev + 1);
      }
    }
  }

  /** @returns those that the user is in. @throws AppError where it could not be asked, or where another's opening failed. */
  private async openThoseInside(
    feeds: readonly ConversationFeed[],
    missing: readonly ConversationId[],
    userId: UserId,
  ): Promise<ReadonlySet<ConversationId>> {
    const opened = await this.openAtPresentHeads(missing, userId).catch((error: unknown) => {
      // Not those that were opened before the failure: other sessions may live on them by now.
      for (const id of missing) if (this.feeds.get(id)?.failOpening()) this.feeds.delete(id);
      throw error;
    });
    const outcomes = await Promise.all(feeds.map((feed) => feed.opened));
    if (outcomes.includes('failed')) throw new AppError('service_unavailable');
    // The others may have begun after a removal of this user, which they will not tell then: asked now, it is known.
    const own = new Set(missing);
    const shared = feeds.map(({ id }) => id).filter((id) => !own.has(id));
    return new Set([...opened, ...(await this.headsOf(shared, userId)).keys()]);
  }

  /** @returns those that the user is in. */
  private async openAtPresentHeads(ids: readonly ConversationId[], userId: UserId): Promise<ConversationId[]> {
    const inside: ConversationId[] = [];
    const outside: ConversationId[] = [];
    for (const part of partsOf(ids)) {
      const heads = await this.readHeads(part, userId);
      for (const id of part) {
        const head = heads.get(id);
        if (head) this.feeds.get(id)?.openAt(head);
        (head ? inside : outside).push(id);
      }
    }
    // Others, who are in, may have pinned them meanwhile.
    for (const part of partsOf(outside)) {
      const heads = await this.readHeads(part);
      for (const id of part) {
        const head = heads.get(id);
        if (head) this.feeds.get(id)?.openAt(head);
        else this.discard(id);
      }
    }
    return inside;
  }

  /** Of the conversations that are there, and that the user is in, if one is named. */
  private async readHeads(conversationIds: ConversationId[], userId?: UserId): Promise<Map<ConversationId, Head>> {
    const request = userId === undefined ? { conversationIds } : { conversationIds, userId };
    const { heads } = await this.rpc.call(ReadHeads, request);
    return new Map(Object.entries(heads) as [ConversationId, Head][]);
  }

  private discard(id: ConversationId): void {
    this.feeds.get(id)?.close('gone');
    this.feeds.delete(id);
  }

  private pin(id: ConversationId): ConversationFeed {
    let feed = this.feeds.get(id);
    if (!feed) {
      feed = this.make(id);
      this.feeds.set(id, feed);
    }
    feed.pins++;
    return feed;
  }

  private make(id: ConversationId): ConversationFeed {
    const feed: ConversationFeed = new ConversationFeed(id, {
      emit: (change) => this.show(feed, change),
      expel: (userId, rev) => this.expel(id, userId, rev),
      end: (rev) => this.show(feed, deletedConversation(id, rev)),
      fetch: (since) => this.fetch(id, since),
    });
    return feed;
  }

  /** What happened in a conversation since a head, as changes to show. */
  async fetch(conversationId: ConversationId, since: Head): Promise<ChangePage> {
    const found = await this.rpc.call(ListChanges, { conversationId, since });
    const { removed, head, hasMore } = found;
    return { changes: toChanges(conversationId, found, since), removed, head, hasMore };
  }

  /** Its user is out of a conversation: ends what a session hears of it. */
  takeOut(local: LocalSession, conversationId: ConversationId): void {
    local.leave(conversationId);
    const { socket } = local;
    const room = conversationRoom(conversationId);
    if (!socket.rooms.has(room)) return;
    void socket.leave(room);
    const feed = this.feeds.get(conversationId);
    if (feed) this.release(feed);
  }

  private show(feed: ConversationFeed, { event, frame, removes }: Change): void {
    this.sockets.emitToConversation(feed, event, frame);
    if (removes === 'everybody') this.takeOutEverybody(feed.id);
    else if (removes !== undefined) this.takeOutUser(feed.id, removes);
  }

  private expel(id: ConversationId, userId: UserId, rev: Rev): void {
    const { event, frame } = removedParticipant(id, rev, userId);
    for (const { socket } of this.sessions.of(userId)) {
      if (socket.rooms.has(conversationRoom(id))) socket.emit(event, frame as never);
    }
    this.takeOutUser(id, userId);
  }

  private takeOutEverybody(id: ConversationId): void {
    for (const local of this.sessions.all()) if (local.pending) this.takeOut(local, id);
    for (const socket of this.sockets.inConversation(id)) {
      const local = this.sessions.find(socket);
      if (local) this.takeOut(local, id);
    }
  }

  private takeOutUser(id: ConversationId, userId: UserId): void {
    for (const local of this.sessions.of(userId)) this.takeOut(local, id);
  }
}

function* partsOf(ids: readonly ConversationId[]): Iterable<ConversationId[]> {
  for (let start = 0; start < ids.length; start += headsPerCall) yield ids.slice(start, start + headsPerCall);
}
