// Baseline: the chat server that one would write by hand first, and write well: one process, Socket.IO with its Redis adapter, a
// room for each conversation, one INSERT a message. No order, no resume, no receipts.
// Plan: { databaseUrl, redisUrl, keyPrefix, secret, conversations: [{ id, userIds }] }; answers { port }.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { jwtVerify } from 'jose';
import pg from 'pg';
import { Server } from 'socket.io';
import { createByHandTables, insertMessage } from './baseline.by-hand.tables.mjs';
import { answerPlan } from './child.mjs';
import { messageView } from './typical-message.mjs';

const poolSize = 10;
const findConversations = {
  name: 'conversations',
  text: 'SELECT conversation_id FROM by_hand_participants WHERE user_id = $1',
};

class ByHandServer {
  #io;
  #pool;
  #key;

  constructor({ httpServer, adapter, pool, secret }) {
    this.#pool = pool;
    this.#key = new TextEncoder().encode(secret);
    this.#io = new Server(httpServer, {
      adapter,
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      perMessageDeflate: false,
    });
    this.#io.use((socket, next) => void this.#authenticate(socket).then(() => next(), next));
    this.#io.on('connection', (socket) => {
      socket.on('send_message', (body, ack) => void this.#answer(this.#send(socket, body), ack));
      this.#join(socket).catch(() => socket.disconnect(true));
    });
  }

  async #authenticate(socket) {
    const { payload } = await jwtVerify(socket.handshake.auth.token, this.#key, { algorithms: ['HS256'] });
    socket.data = { userId: payload.sub, name: payload.name };
  }

  async #join(socket) {
    const { rows } = await this.#pool.query({ ...findConversations, values: [socket.data.userId] });
    await socket.join(rows.map(({ conversation_id: id }) => id));
    socket.emit('session', { user: socket.data });
  }

  async #send(socket, { conversation_id: conversationId, content, client_message_id: clientMessageId = null }) {
    if (!socket.rooms.has(conversationId)) throw new Error('not a participant');
    const { userId, name } = socket.data;
    const values = [conversationId, userId, clientMessageId, content];
    const { rows } = await this.#pool.query({ ...insertMessage, values });
    const [{ id, created_at: createdAt }] = rows;
    const request = { conversationId, senderId: userId, content, key: { id: clientMessageId } };
    const message = messageView(request, { id, seq: Number(id), senderName: name, createdAt: createdAt.toISOString() });
    // As many bytes as Parley's event has.
    this.#io.to(conversationId).emit('new_message', { conversation_id: conversationId, rev: message.rev, message });
    return message;
  }

  async #answer(work, ack) {
    try {
      ack({ ok: true, data: await work });
    } catch (error) {
      ack({ ok: false, error: error.message });
    }
  }
}

await answerPlan(async ({ databaseUrl, redisUrl, keyPrefix, secret, conversations }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
  await createByHandTables(pool, conversations);
  const publisher = new Redis(redisUrl);
  const adapter = createAdapter(publisher, publisher.duplicate(), { key: keyPrefix });
  const httpServer = createServer();
  new ByHandServer({ httpServer, adapter, pool, secret });
  httpServer.listen(0, '127.0.0.1', 2_048);
  await once(httpServer, 'listening');
  return { port: httpServer.address().port };
});
