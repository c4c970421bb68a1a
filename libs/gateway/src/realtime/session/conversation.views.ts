import type { ConversationId, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import type { ChatSocket } from './chat.socket';
import { PresenceReporter } from './presence.reporter';
import { SessionRegistry } from './session.registry';
import { SocketServer } from './socket.server';

/** Conversations that one socket may look at. */
const maxViewed = 100;

/** Which conversations the sockets of this gateway look at. */
@Injectable()
export class ConversationViews {
  private readonly viewed = new WeakMap<ChatSocket, Set<ConversationId>>();

  constructor(
    private readonly reporter: PresenceReporter,
    sessions: SessionRegistry,
    sockets: SocketServer,
  ) {
    sockets.onShow((id, event, frame) => {
      if (event === 'participant_removed') {
        const { user_id: userId } = frame as { readonly user_id: UserId };
        for (const { socket } of sessions.of(userId)) this.lookAway(socket, id);
      } else if (event === 'conversation_deleted') {
        for (const socket of sockets.inConversation(id)) this.lookAway(socket, id);
      }
    });
  }

  /** @throws AppError `rate_limited` beyond 100 conversations on one socket. */
  look(socket: ChatSocket, id: ConversationId): void {
    const viewed = this.viewed.get(socket) ?? new Set();
    if (viewed.has(id) || !socket.connected) return;
    if (viewed.size >= maxViewed) throw new AppError('rate_limited');
    this.viewed.set(socket, viewed.add(id));
    this.reporter.looked(id, socket.data.session.userId);
  }

  /** @returns false where the socket did not look at it. */
  lookAway(socket: ChatSocket, id: ConversationId): boolean {
    if (this.viewed.get(socket)?.delete(id) !== true) return false;
    this.reporter.lookedAway(id, socket.data.session.userId);
    return true;
  }

  /** The socket is gone. */
  forget(socket: ChatSocket): void {
    for (const id of [...(this.viewed.get(socket) ?? [])]) this.lookAway(socket, id);
  }
}
