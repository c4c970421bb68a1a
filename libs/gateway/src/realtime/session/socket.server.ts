import type { ConversationId, ServerEvent } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { conversationRoom } from '../rooms';
import type { Connection } from '../transport/connection/connection';
import { EventFrame } from '../transport/event.frame';
import type { ChatServer, ChatSocket } from './chat.socket';

export type ShowListener = (id: ConversationId, event: ServerEvent, frame: object) => void;

/** Who hears a conversation here. */
export interface ConversationListeners {
  readonly id: ConversationId;
  /** `conversationRoom(id)`, made once for as long as somebody is in it. */
  readonly room: string;
}

/** This gateway's Socket.IO server, once it is there. */
@Injectable()
export class SocketServer {
  private server: ChatServer | undefined;
  private readonly bindListeners: ((server: ChatServer) => void)[] = [];
  private readonly showListeners: ShowListener[] = [];

  bind(server: ChatServer): void {
    this.server = server;
    for (const listener of this.bindListeners) listener(server);
  }

  /** Hears of the server once it is there, before any socket is. */
  onBind(listener: (server: ChatServer) => void): void {
    this.bindListeners.push(listener);
  }

  /** Hears what the sockets of conversations are shown, right after them. */
  onShow(listener: ShowListener): void {
    this.showListeners.push(listener);
  }

  /** How many sockets this gateway has. */
  get count(): number {
    return this.server?.sockets.sockets.size ?? 0;
  }

  /** The sockets of this gateway. */
  local(): ChatSocket[] {
    return this.server ? [...this.server.sockets.sockets.values()] : [];
  }

  /** The sockets of this gateway that hear a conversation. */
  inConversation(id: ConversationId): ChatSocket[] {
    return this.inRoom(conversationRoom(id));
  }

  /** Is any socket of this gateway in the room? */
  isInUse(room: string): boolean {
    return this.server?.sockets.adapter.rooms.has(room) === true;
  }

  /** The sockets of this gateway in a room. */
  inRoom(room: string): ChatSocket[] {
    const namespace = this.server?.sockets;
    const ids = namespace?.adapter.rooms.get(room) ?? [];
    return [...ids].flatMap((socketId) => namespace?.sockets.get(socketId) ?? []);
  }

  /**
   * Shows an event to this gateway's sockets in a conversation. Encoded once, however many they are; never leaves the
   * process. Sockets that are behind with reading are spared what is no durable change: what has no `rev` may be lost.
   *
   * Past Socket.IO's own broadcast, which makes an operator, sets and options for each, whether to one socket or to thousands.
   */
  emitToConversation({ id, room }: ConversationListeners, event: ServerEvent, frame: object): void {
    const { adapter, sockets } = this.server?.sockets ?? {};
    const members = adapter?.rooms.get(room);
    if (members !== undefined) {
      const shown = new EventFrame(event, frame);
      const mayBeLost = !('rev' in frame);
      for (const socketId of members) {
        const socket = sockets?.get(socketId);
        if (socket) connectionOf(socket).show(shown, mayBeLost);
      }
    }
    for (const listener of this.showListeners) listener(id, event, frame);
  }
}

function connectionOf(socket: ChatSocket): Connection {
  return socket.conn as unknown as Connection;
}
