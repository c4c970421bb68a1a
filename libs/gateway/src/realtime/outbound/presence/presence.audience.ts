import { RpcClient } from '@parley/bus';
import { type ConversationId, ListAudiences, type UserId } from '@parley/contracts';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import { conversationOfRoom } from '../../rooms';
import type { ChatServer } from '../../session/chat.socket';
import { SocketServer } from '../../session/socket.server';

/** Conversations and users in one question: their participants have to fit into one answer. */
const conversationsPerCall = 200;
const usersPerCall = 500;
const retryMs = 1_000;
/** What may wait until it is known who blocks one user; more of it is dropped. */
const maxWaiting = 100;
const nobody: ReadonlySet<UserId> = new Set();

interface Opened {
  /** Undefined until it is known. */
  participants: UserId[] | undefined;
  /** Who came first with a socket. */
  firstLooker: UserId | undefined;
  /** Has anybody else come since? */
  hasOthers: boolean;
}

/** How old what is known of blocks may be, in milliseconds: that they change is heard, but what is heard may be lost. */
const maxBlockAgeMs = 300_000;

/** What may change who is shown the presence of whom. */
const changesPeople: ReadonlySet<string> = new Set([
  'participant_added',
  'participant_removed',
  'conversation_deleted',
]);

/**
 * Who looks, on this gateway: which users take part in the small conversations that sockets here are in, and which of the
 * users here are blocked by whom.
 *
 * Hence a change of somebody's presence costs one look-up and what its lookers here cost, however many know that user.
 */
@Injectable()
export class PresenceAudience
  extends EventEmitter<{ opened: [ConversationId, UserId[]] }>
  implements OnApplicationShutdown
{
  private readonly log = new Logger(PresenceAudience.name);
  /** Those that sockets here are in. */
  private readonly opened = new Map<ConversationId, Opened>();
  private readonly conversationsOf = new Map<UserId, Set<ConversationId>>();
  /** Of users that have sockets here. */
  private readonly blockersOf = new Map<UserId, UserId[]>();
  /** The users here whom somebody blocks. */
  private readonly blockedBy = new Map<UserId, Set<UserId>>();
  private readonly askedConversations = new Set<ConversationId>();
  private readonly askedUsers = new Set<UserId>();
  /** Users here of whom it is not known who blocks them, and what waits for that. */
  private readonly waitingFor = new Map<UserId, (() => void)[]>();
  private isLoading = false;
  private isStopped = false;
  private readonly refresh: NodeJS.Timeout;

  constructor(
    private readonly rpc: RpcClient,
    sockets: SocketServer,
  ) {
    super();
    sockets.onBind((server) => this.follow(server));
    sockets.onShow((id, event) => {
      if (changesPeople.has(event)) this.ask(id);
    });
    this.refresh = setInterval(() => this.askBlocksAgain(), maxBlockAgeMs).unref();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearInterval(this.refresh);
  }

  /**
   * The small conversations in which a user takes part and others look, here.
   *
   * Not those that the user looks at alone: who knows thousands costs no more than those of them who are here.
   */
  conversationsWith(userId: UserId): Iterable<ConversationId> {
    return this.conversationsOf.get(userId) ?? [];
  }

  /** Everybody who takes part in those conversations. */
  users(): Iterable<UserId> {
    return this.conversationsOf.keys();
  }

  hasLookers(userId: UserId): boolean {
    return this.conversationsOf.has(userId);
  }

  /** The users here whom somebody blocks: they may not see that user. */
  blockedFrom(userId: UserId): ReadonlySet<UserId> {
    return this.blockedBy.get(userId) ?? nobody;
  }

  /** The users here of whom it is not known yet who blocks them. */
  get unknown(): ReadonlyMap<UserId, unknown> {
    return this.waitingFor;
  }

  /** Runs `work` when it is known who blocks this user; never, if the user goes before. */
  onceKnown(userId: UserId, work: () => void): void {
    const waiting = this.waitingFor.get(userId);
    if (waiting && waiting.length < maxWaiting) waiting.push(work);
  }

  /** The first socket of a user is here; it is shown nothing before it is known who blocks the user. */
  came(userId: UserId): void {
    if (this.blockersOf.has(userId)) return;
    this.blockersOf.set(userId, []);
    this.waitingFor.set(userId, []);
    this.askUser(userId);
  }

  /** The last socket of a user has gone. */
  went(userId: UserId): void {
    this.unlinkUser(userId);
    this.blockersOf.delete(userId);
    this.waitingFor.delete(userId);
    this.askedUsers.delete(userId);
  }

  /** Somebody blocks this user, or no longer: until it is known who does, the user is shown nothing. */
  blocksChanged(blockedId: UserId): void {
    if (!this.blockersOf.has(blockedId)) return;
    if (!this.waitingFor.has(blockedId)) this.waitingFor.set(blockedId, []);
    this.askUser(blockedId);
  }

  private follow(server: ChatServer): void {
    const adapter = server.sockets.adapter;
    adapter.on('create-room', (room: string) => {
      const conversationId = conversationOfRoom(room);
      if (conversationId !== undefined) {
        this.opened.set(conversationId, { participants: undefined, firstLooker: undefined, hasOthers: false });
        this.ask(conversationId);
      }
    });
    adapter.on('join-room', (room: string, socketId: string) => {
      const conversationId = conversationOfRoom(room);
      const looker = conversationId && server.sockets.sockets.get(socketId)?.data.session.userId;
      if (looker) this.look(conversationId, looker);
    });
    adapter.on('delete-room', (room: string) => {
      const conversationId = conversationOfRoom(room);
      if (conversationId !== undefined) this.close(conversationId);
    });
  }

  private ask(id: ConversationId): void {
    this.askedConversations.add(id);
    this.loadSoon();
  }

  private askUser(id: UserId): void {
    this.askedUsers.add(id);
    this.loadSoon();
  }

  private askBlocksAgain(): void {
    for (const id of this.blockersOf.keys()) this.askUser(id);
  }

  /** In the next turn, so that all that one session opens is one question. */
  private loadSoon(): void {
    if (this.isLoading) return;
    this.isLoading = true;
    setImmediate(() => void this.load());
  }

  /** Never rejects. */
  private async load(): Promise<void> {
    try {
      while (this.askedConversations.size + this.askedUsers.size > 0 && !this.isStopped) await this.loadPart();
      this.isLoading = false;
    } catch (error) {
      this.log.debug(`could not ask who looks, trying again: ${String(error)}`);
      setTimeout(() => void this.load(), retryMs).unref();
    }
  }

  private async loadPart(): Promise<void> {
    const conversationIds = [...this.askedConversations].slice(0, conversationsPerCall);
    const userIds = [...this.askedUsers].slice(0, usersPerCall);
    // What changes while it is asked is asked again.
    for (const id of conversationIds) this.askedConversations.delete(id);
    for (const id of userIds) this.askedUsers.delete(id);
    try {
      const { participants, blockers } = await this.rpc.call(ListAudiences, { conversationIds, userIds });
      for (const [id, users] of blockers) if (!this.askedUsers.has(id)) this.setBlockers(id, users);
      const answered = new Set(participants.map(([id]) => id));
      for (const id of conversationIds) if (!answered.has(id)) this.askedConversations.add(id);
      for (const [id, users] of participants) this.open(id, users);
    } catch (error) {
      for (const id of conversationIds) this.askedConversations.add(id);
      for (const id of userIds) this.askedUsers.add(id);
      throw error;
    }
  }

  private look(id: ConversationId, looker: UserId): void {
    const opened = this.opened.get(id);
    if (!opened || opened.hasOthers) return;
    const first = (opened.firstLooker ??= looker);
    if (looker === first) return;
    opened.hasOthers = true;
    if (opened.participants?.includes(first)) this.link(id, first);
  }

  private open(id: ConversationId, users: UserId[]): void {
    const opened = this.opened.get(id);
    // Its last socket may have gone meanwhile.
    if (!opened) return;
    const isNew = opened.participants === undefined;
    this.unlink(id);
    opened.participants = users;
    for (const userId of users) if (opened.hasOthers || userId !== opened.firstLooker) this.link(id, userId);
    if (isNew) this.emit('opened', id, users);
  }

  private close(id: ConversationId): void {
    this.unlink(id);
    this.opened.delete(id);
    this.askedConversations.delete(id);
  }

  private link(id: ConversationId, userId: UserId): void {
    const conversations = this.conversationsOf.get(userId);
    if (conversations) conversations.add(id);
    else this.conversationsOf.set(userId, new Set([id]));
  }

  private unlink(id: ConversationId): void {
    for (const userId of this.opened.get(id)?.participants ?? []) {
      const conversations = this.conversationsOf.get(userId);
      if (conversations?.delete(id) && conversations.size === 0) this.conversationsOf.delete(userId);
    }
  }

  private setBlockers(userId: UserId, blockers: UserId[]): void {
    if (!this.blockersOf.has(userId)) return;
    this.unlinkUser(userId);
    this.blockersOf.set(userId, blockers);
    for (const blocker of blockers) {
      const blocked = this.blockedBy.get(blocker) ?? new Set();
      this.blockedBy.set(blocker, blocked.add(userId));
    }
    const waiting = this.waitingFor.get(userId) ?? [];
    this.waitingFor.delete(userId);
    for (const work of waiting) work();
  }

  private unlinkUser(userId: UserId): void {
    for (const blocker of this.blockersOf.get(userId) ?? []) {
      const blocked = this.blockedBy.get(blocker);
      if (blocked?.delete(userId) && blocked.size === 0) this.blockedBy.delete(blocker);
    }
  }
}
