import { RpcClient } from '@parley/bus';
import { type ConversationId, type Head, ListChanges, ReadHeads } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { SocketServer } from '../session/socket.server';
import { newMessage } from './change';
import { type ChangePage, ConversationFeed } from './conversation.feed';

const headsPerCall = 1_000;

/** The feeds of the conversations that this gateway has sockets in; the others cost it nothing. */
@Injectable()
export class FeedRegistry {
  private readonly feeds = new Map<ConversationId, ConversationFeed>();

  constructor(
    private readonly rpc: RpcClient,
    private readonly sockets: SocketServer,
  ) {}

  get(id: string): ConversationFeed | undefined {
    return this.feeds.get(id as ConversationId);
  }

  /**
   * The feeds of some conversations, each pinned once for the caller, who releases them. Those that are new here are opened
   * at their present heads; what is announced while they are asked for is held, not lost. Conversations that are gone are left out.
   *
   * @throws AppError `service_unavailable`; nothing is pinned then.
   */
  async open(ids: readonly ConversationId[]): Promise<ConversationFeed[]> {
    const missing = ids.filter((id) => !this.feeds.has(id));
    const feeds = ids.map((id) => this.pin(id));
    await this.openAtPresentHeads(missing).catch(() => {
      // Not those that were opened before the failure: other sessions may live on them by now.
      for (const id of missing) if (this.feeds.get(id)?.failOpening()) this.feeds.delete(id);
    });
    const outcomes = await Promise.all(feeds.map((feed) => feed.opened));
    const failed = outcomes.includes('failed');
    const live = feeds.filter((_, index) => !failed && outcomes[index] === 'live');
    const kept = new Set(live);
    for (const feed of feeds) if (!kept.has(feed)) this.release(feed);
    if (failed) throw new AppError('service_unavailable');
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

  /** Asks where all conversations of this gateway stand, and lets the feeds repair what they missed. */
  async compareHeads(): Promise<void> {
    const ids = [...this.feeds.keys()];
    for (let start = 0; start < ids.length; start += headsPerCall) {
      const { heads } = await this.rpc.call(ReadHeads, { conversationIds: ids.slice(start, start + headsPerCall) });
      for (const [id, head] of Object.entries(heads)) this.get(id)?.expect(head.rev);
    }
  }

  private async openAtPresentHeads(ids: readonly ConversationId[]): Promise<void> {
    for (let start = 0; start < ids.length; start += headsPerCall) {
      const conversationIds = ids.slice(start, start + headsPerCall);
      const { heads } = await this.rpc.call(ReadHeads, { conversationIds });
      for (const id of conversationIds) {
        const head = heads[id];
        if (head) this.feeds.get(id)?.openAt(head);
        else this.discard(id);
      }
    }
  }

  private discard(id: ConversationId): void {
    this.feeds.get(id)?.close('gone');
    this.feeds.delete(id);
  }

  private pin(id: ConversationId): ConversationFeed {
    let feed = this.feeds.get(id);
    if (!feed) {
      feed = new ConversationFeed(id, {
        emit: ({ event, frame }) => this.sockets.emitToConversation(id, event, frame),
        fetch: (since) => this.fetch(id, since),
      });
      this.feeds.set(id, feed);
    }
    feed.pins++;
    return feed;
  }

  /** What happened in a conversation since a head, as changes to show. */
  async fetch(conversationId: ConversationId, since: Head): Promise<ChangePage> {
    const { messages, head, hasMore } = await this.rpc.call(ListChanges, { conversationId, since });
    return { changes: messages.map((message) => newMessage(message, message.rev)), head, hasMore };
  }
}
