import type { ConversationId, MessageId, UserId } from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { AttachmentRepository } from '../attachment/attachment.repository';
import { ConversationWriter } from '../change/conversation.writer';
import { ExplainingDatabase } from '../explaining-database.scene';
import { MentionReader } from '../mention/mention.reader';
import type { HeadsDigest } from '../outbox/heads.digest';
import type { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import { PinReader } from '../pin/pin.reader';
import { PinRepository } from '../pin/pin.repository';
import { PinService } from '../pin/pin.service';
import { ReactionRepository } from '../reaction/reaction.repository';
import { ReactionService } from '../reaction/reaction.service';
import { MessageAccessReader } from './message-access.reader';
import { MessageChangeWriter } from './message-change.writer';
import { MessageDeleteRepository } from './message-delete.repository';
import { MessageDeleteService } from './message-delete.service';
import { MessageEditReader } from './message-edit.reader';
import { MessageEditRepository } from './message-edit.repository';
import { MessageEditService } from './message-edit.service';
import { MessageReader } from './message.reader';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

/** 500 conversations of one user and 4 others out of 1,000, with 60 messages each: in threads, edited, mentioning, pinned. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  const perMessage = 'generate_series(1, 500) c, generate_series(1, 60) s';
  await server.query(`INSERT INTO users (id, display_name, username)
    SELECT 'u' || i, 'User', 'name' || i FROM generate_series(1, 1000) i`);
  await server.query(`INSERT INTO conversations (type, created_by, last_seq, rev, participant_count)
    SELECT 'group', 'u1', 60, 61, 5 FROM generate_series(1, 500) i`);
  await server.query(`INSERT INTO participants (conversation_id, user_id, role)
    SELECT c, CASE k WHEN 1 THEN 'u1' ELSE 'u' || (2 + (c * 5 + k) % 900) END, 'admin'
    FROM generate_series(1, 500) c, generate_series(1, 5) k`);
  await server.query(`INSERT INTO messages (conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash,
      content, thread_root_id, reply_count, last_reply_at, replier_ids, mentions, pinned_at, created_at, updated_at)
    SELECT c, s, s + 1, s + 1, 'u1', 'k' || s, '', 'x', CASE WHEN s > 10 THEN (c - 1) * 60 + 1 END,
      CASE WHEN s = 1 THEN 50 ELSE 0 END, CASE WHEN s = 1 THEN now() END, CASE WHEN s = 1 THEN ARRAY['u1'] END,
      ARRAY['u5'], CASE WHEN s % 10 = 0 THEN now() END, now(), now()
    FROM ${perMessage} ORDER BY c, s`);
  await server.query(`INSERT INTO edits (conversation_id, seq, rev, content, edited_at)
    SELECT c, s, 100 + s, 'w', now() FROM ${perMessage}`);
  await server.query(`INSERT INTO reactions (conversation_id, seq, emoji, user_id)
    SELECT c, s, 'e' || n, 'u5' FROM ${perMessage}, generate_series(1, 3) n`);
  await server.query(`INSERT INTO mentions (conversation_id, user_id, seq) SELECT c, 'u5', s FROM ${perMessage}`);
  await server.query(`INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
    SELECT 'f' || c || '-' || s, c, s, 0, 'image', '{}' FROM ${perMessage}`);
  await server.query(
    `INSERT INTO receipts (conversation_id, user_id, kind, up_to_seq) SELECT c, 'u1', 'read', s FROM ${perMessage}`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

/** Whatever it runs outside of transactions and inside. */
class ExplainingTransactions extends ExplainingDatabase {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return work(this as unknown as Transaction);
  }
}

/** What changes messages, on a database. */
function changesOn(db: Database) {
  const config = {
    maxMessageLength: 5_000,
    editWindowSeconds: 900,
    deleteWindowSeconds: 900,
    customMessageTypes: [],
    scheduleIntervalMs: 1_000,
    searchableFields: [],
  };
  const silent = { announce: () => undefined, moved: () => undefined } as unknown as OutboxPublisher & HeadsDigest;
  const reader = new MessageReader(db);
  const access = new MessageAccessReader(db);
  const conversations = new ConversationWriter(db, new OutboxRepository(db), silent, silent);
  const writer = new MessageChangeWriter(access, conversations, reader);
  return {
    edits: new MessageEditService(config, writer, new MessageEditRepository(), new MentionReader(), reader),
    history: new MessageEditReader(db, access),
    deletions: new MessageDeleteService(config, writer, new MessageDeleteRepository(), new AttachmentRepository()),
    reactions: new ReactionService(writer, new ReactionRepository()),
    pins: new PinService(writer, new PinRepository(), reader),
    pinned: new PinReader(db),
  };
}

const userId = 'u1' as UserId;
const reply = { userId, messageId: '90' as MessageId };
const conversationId = '2' as ConversationId;

it.each<[string, (on: ReturnType<typeof changesOn>) => Promise<unknown>]>([
  ['an edit', ({ edits }) => edits.edit({ ...reply, content: 'y @name5 @all', metadata: null })],
  ['earlier contents', ({ history }) => history.list(reply)],
  ['a reaction', ({ reactions }) => reactions.add({ ...reply, emoji: 'new' })],
  ['the end of a reaction', ({ reactions }) => reactions.remove({ ...reply, emoji: 'new' })],
  ['a pin', ({ pins }) => pins.pin({ ...reply, messageId: '91' as MessageId })],
  ['the end of a pin', ({ pins }) => pins.unpin(reply)],
  ['pins', ({ pinned }) => pinned.list({ userId, conversationId, limit: 50, page: 1 })],
  ['a deletion in a thread', ({ deletions }) => deletions.delete(reply)],
])('reads no table from end to end for %s', async (_what, run) => {
  const explaining = new ExplainingTransactions(database);
  await run(changesOn(explaining as unknown as Database));
  expect(explaining.steps.size).toBeGreaterThan(0);
  expect([...explaining.scanned]).toEqual([]);
});

it('finds pins by their own index, among however many messages', async () => {
  const explaining = new ExplainingTransactions(database);
  const { messages } = await changesOn(explaining as unknown as Database).pinned.list({
    userId,
    conversationId,
    limit: 2,
    page: 1,
  });
  expect(messages).toHaveLength(2);
  expect([...explaining.indexes]).toContain('messages_pinned_idx');
});
