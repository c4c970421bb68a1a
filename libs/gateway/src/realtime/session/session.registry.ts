import { type ConversationId, ConversationJoined, type PayloadOf, type UserId, userToken } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { ChatSocket } from './chat.socket';

export type Joined = PayloadOf<typeof ConversationJoined>;

/** Of one session, for some time. */
export interface Moves {
  readonly joined: Set<ConversationId>;
  readonly left: Set<ConversationId>;
}

/** Shared by the sessions that nobody watches: nearly all, nearly always. */
const unwatched: readonly Moves[] = [];

/** What an open session was taken out of while it opened, is known no more. */
const forgotten: Set<ConversationId> = new Set();

/** One socket of this gateway, from before its memberships are loaded until it is gone. */
export class LocalSession {
  /** While the session opens: the conversations that its user joined meanwhile, to be admitted after it. */
  pending: Joined[] | undefined = [];
  /** While the session opens: the conversations that its user was taken out of meanwhile. */
  left = new Set<ConversationId>();
  private watches: readonly Moves[] = unwatched;

  constructor(readonly socket: ChatSocket) {}

  /** Its socket was brought into a conversation. */
  join(id: ConversationId): void {
    for (const { joined } of this.watches) joined.add(id);
  }

  /** Its user is out of a conversation, and hears nothing of it from here on. */
  leave(id: ConversationId): void {
    for (const { left } of this.watches) left.add(id);
    if (this.pending) this.left.add(id);
  }

  /** Notes what it comes into and is taken out of until `stop`. */
  watch(): Moves & { stop(): void } {
    const moves: Moves = { joined: new Set(), left: new Set() };
    this.watches = [...this.watches, moves];
    const stop = (): void => {
      const others = this.watches.filter((watch) => watch !== moves);
      this.watches = others.length > 0 ? others : unwatched;
    };
    return { ...moves, stop };
  }

  /** The session has caught up: nothing is kept for it any more. @returns what it has to be admitted to. */
  open(): readonly Joined[] {
    const pending = this.pending ?? [];
    this.pending = undefined;
    this.left = forgotten;
    return pending;
  }
}

const nobody: readonly LocalSession[] = [];

/** Whose sockets this gateway holds, by user. */
@Injectable()
export class SessionRegistry {
  /** By the users' subject tokens, by which events are dropped unparsed. Mostly a user has one; then there is no list. */
  private readonly sessions = new Map<string, LocalSession | readonly LocalSession[]>();

  /** From here on the user's own events are heard. */
  add(socket: ChatSocket): LocalSession {
    const token = userToken(socket.data.session.userId);
    const local = new LocalSession(socket);
    const others = listOf(this.sessions.get(token));
    this.sessions.set(token, others.length === 0 ? local : [...others, local]);
    return local;
  }

  remove(socket: ChatSocket): void {
    const token = userToken(socket.data.session.userId);
    const [first, ...others] = listOf(this.sessions.get(token)).filter((local) => local.socket !== socket);
    if (first === undefined) this.sessions.delete(token);
    else this.sessions.set(token, others.length === 0 ? first : [first, ...others]);
  }

  /** The session of a socket that is still here. */
  find(socket: ChatSocket): LocalSession | undefined {
    return listOf(this.sessions.get(userToken(socket.data.session.userId))).find((local) => local.socket === socket);
  }

  hasUser(token: string): boolean {
    return this.sessions.has(token);
  }

  of(userId: UserId): Iterable<LocalSession> {
    return listOf(this.sessions.get(userToken(userId)));
  }

  users(): UserId[] {
    return Array.from(this.sessions.values(), (sessions) => {
      const [{ socket }] = listOf(sessions) as readonly [LocalSession];
      return socket.data.session.userId;
    });
  }

  *all(): Iterable<LocalSession> {
    for (const sessions of this.sessions.values()) yield* listOf(sessions);
  }
}

function listOf(sessions: LocalSession | readonly LocalSession[] | undefined): readonly LocalSession[] {
  if (sessions === undefined) return nobody;
  return 'socket' in sessions ? [sessions] : sessions;
}
