import { type ConversationId, ConversationJoined, type PayloadOf, type UserId, userToken } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { ChatSocket } from './chat.socket';

export type Joined = PayloadOf<typeof ConversationJoined>;

/** One socket of this gateway, from before its memberships are loaded until it is gone. */
export interface LocalSession {
  readonly socket: ChatSocket;
  /** While the session opens: the conversations that its user joined meanwhile, to be admitted after it. */
  pending: Joined[] | undefined;
  /** While the session opens: the conversations that its user was taken out of meanwhile. */
  readonly left: Set<ConversationId>;
}

/** Whose sockets this gateway holds, by user. */
@Injectable()
export class SessionRegistry {
  private readonly sessionsOf = new Map<UserId, Set<LocalSession>>();
  /** The users' subject tokens, by which events are dropped unparsed. */
  private readonly tokens = new Set<string>();

  /** From here on the user's own events are heard. */
  add(socket: ChatSocket): LocalSession {
    const { userId } = socket.data.session;
    const local: LocalSession = { socket, pending: [], left: new Set() };
    const sessions = this.sessionsOf.get(userId) ?? new Set();
    this.sessionsOf.set(userId, sessions.add(local));
    this.tokens.add(userToken(userId));
    return local;
  }

  remove(local: LocalSession): void {
    const { userId } = local.socket.data.session;
    const sessions = this.sessionsOf.get(userId);
    if (!sessions?.delete(local) || sessions.size > 0) return;
    this.sessionsOf.delete(userId);
    this.tokens.delete(userToken(userId));
  }

  hasUser(token: string): boolean {
    return this.tokens.has(token);
  }

  of(userId: UserId): Iterable<LocalSession> {
    return this.sessionsOf.get(userId) ?? [];
  }

  users(): UserId[] {
    return [...this.sessionsOf.keys()];
  }

  *all(): Iterable<LocalSession> {
    for (const sessions of this.sessionsOf.values()) yield* sessions;
  }
}
