import type { ConversationId, ServerEvent } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { conversationRoom } from '../rooms';
import type { ChatServer, ChatSocket } from './chat.socket';

/** This gateway's Socket.IO server, once it is there. */
@Injectable()
export class SocketServer {
  private server: ChatServer | undefined;

  bind(server: ChatServer): void {
    this.server = server;
  }

  /** The sockets of this gateway. */
  local(): ChatSocket[] {
    return this.server ? [...this.server.sockets.sockets.values()] : [];
  }

  /** Shows an event to this gateway's sockets in a conversation. Encoded once, however many they are; never leaves the process. */
  emitToConversation(id: ConversationId, event: ServerEvent, frame: object): void {
    this.server?.local.to(conversationRoom(id)).emit(event, frame as never);
  }
}
