import type { ConversationId, UserId } from '@parley/contracts';

/** Socket.IO's room of the sockets, on any gateway, that hear a conversation. */
export const conversationRoom = (id: ConversationId): string => `conversation:${id}`;

/** The room of all sockets of one user. */
export const userRoom = (id: UserId): string => `user:${id}`;

/** The conversation of a room, or undefined for rooms of other kinds. */
export function conversationOfRoom(room: string): ConversationId | undefined {
  return room.startsWith('conversation:') ? (room.slice('conversation:'.length) as ConversationId) : undefined;
}

/** The room of the sockets of one gateway that asked for a user's presence. */
export const watchRoom = (id: UserId): string => `presence:${id}`;

/**
 * The room of one gateway's sockets that are behind with reading: what may be lost is emitted to all but it. Mostly it is
 * not there at all, and then it costs nothing.
 */
export const lateRoom = 'late';
