import { ConversationId } from '@parley/contracts';
import { conversationRoom } from '../rooms';
import type { EventFrame } from '../transport/event.frame';
import type { ChatServer } from './chat.socket';
import { SocketServer } from './socket.server';

const id = ConversationId.parse('7');
const conversation = { id, room: conversationRoom(id) };

/** Notes what its sockets are shown. */
function aServer(rooms: Record<string, string[]>) {
  const shown: { to: string; frame: unknown; mayBeLost: boolean }[] = [];
  const aSocket = (to: string) => ({
    conn: {
      show: ({ plain }: EventFrame, mayBeLost: boolean) =>
        shown.push({ to, frame: JSON.parse(plain.toString('utf8', 2)), mayBeLost }),
    },
  });
  const ids = new Set(Object.values(rooms).flat());
  const sockets = new Map(Array.from(ids, (to) => [to, aSocket(to)]));
  const server = { sockets: { sockets, adapter: { rooms: new Map(Object.entries(rooms)) } } };
  return { shown, server: server as unknown as ChatServer };
}

it('shows an event to the sockets of its conversation, and to those who listen after them', () => {
  const { shown, server } = aServer({ [conversation.room]: ['a', 'b'], other: ['c'] });
  const sockets = new SocketServer();
  sockets.bind(server);
  const heard: unknown[] = [];
  sockets.onShow((...event) => heard.push([...event, shown.length]));
  const frame = { conversation_id: id, rev: 8 };
  sockets.emitToConversation(conversation, 'conversation_deleted', frame);
  const expected = { frame: { type: 'conversation_deleted', ...frame }, mayBeLost: false };
  expect(shown).toEqual([
    { to: 'a', ...expected },
    { to: 'b', ...expected },
  ]);
  expect(heard).toEqual([[id, 'conversation_deleted', frame, 2]]);
});

it('spares sockets that are behind with reading what is no durable change, and nothing else', () => {
  const { shown, server } = aServer({ [conversation.room]: ['a'] });
  const sockets = new SocketServer();
  sockets.bind(server);
  sockets.emitToConversation(conversation, 'new_message', { conversation_id: id, rev: 8 });
  sockets.emitToConversation(conversation, 'message_read', { conversation_id: id, up_to_seq: 3 });
  expect(shown.map(({ mayBeLost }) => mayBeLost)).toEqual([false, true]);
});
