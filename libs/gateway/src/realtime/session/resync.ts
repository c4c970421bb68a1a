import type { ConversationId } from '@parley/contracts';
import type { ChatSocket } from './chat.socket';

/** Asks a client to load conversations again: what it was told of them may not be all, or not true any more. */
export function resync(socket: ChatSocket, conversationIds: readonly ConversationId[], reason: string): void {
  socket.emit('resync', { conversation_ids: [...conversationIds], reason });
}
