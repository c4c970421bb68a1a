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
  left: Set<ConversationId>;
}

/** What an open session was taken out of while it opened, is known no more. */
const forgotten: Set<ConversationId> = new Set();
const nobody: readonly LocalSession[] = [];

/** Whose sockets this gateway holds, by user. */
@Injectable()
export class SessionRegistry {
  /** By the users' subject tokens, by which events are dropped unparsed. Mostly a user has one; then there is no list. */
  private readonly sessions = new Map<string, LocalSession | readonly LocalSession[]>();

  /** From here on the user's own events are heard. */
  add(socket: ChatSocket): LocalSession {
    const token = userToken(socket.data.session.userId);
    const local: LocalSession = { socket, pending: [], left: new Set() };
    const others = listOf(this.sessions.get(token));
    this.sessions.set(token, others.length === 0 ? local : [...others, local]);
    return local;
  }

  /** The session has caught up: nothing is kept for it any more. @returns what it has to be admitted to. */
  opened(local: LocalSession): readonly Joined[] {
    const pending = local.pending ?? [];
    local.pending = undefined;
    local.left = forgotten;
    return pending;
  }

  remove(socket: ChatSocket): void {
    const token = userToken(socket.data.session.userId);
    const [first, ...others] = listOf(this.sessions.get(token)).filter((local) => local.socket !== socket);
    if (first === undefined) this.sessions.delete(token);
    else this.sessions.set(token, others.length === 0 ? first : [first, ...others]);
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
