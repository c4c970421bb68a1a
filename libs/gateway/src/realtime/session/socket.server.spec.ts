import { ConversationId } from '@parley/contracts';
import { conversationRoom, lateRoom } from '../rooms';
import type { ChatServer } from './chat.socket';
import { SocketServer } from './socket.server';

const id = ConversationId.parse('7');

/** Notes to whom is emitted. */
function aServer() {
  const emitted: { to: string; except: string | undefined; event: string }[] = [];
  const to = (room: string) => {
    const emitWithout = (except?: string) => (event: string) => void emitted.push({ to: room, except, event });
    return { emit: emitWithout(), except: (room: string) => ({ emit: emitWithout(room) }) };
  };
  return { emitted, server: { local: { to } } as unknown as ChatServer };
}

it('spares sockets that are behind with reading what is no durable change, and nothing else', () => {
  const { emitted, server } = aServer();
  const sockets = new SocketServer();
  sockets.bind(server);
  sockets.emitToConversation(id, 'new_message', { conversation_id: id, rev: 8, message: {} });
  sockets.emitToConversation(id, 'message_read', { conversation_id: id, up_to_seq: 3 });
  const to = conversationRoom(id);
  expect(emitted).toEqual([
    { to, except: undefined, event: 'new_message' },
    { to, except: lateRoom, event: 'message_read' },
  ]);
});
