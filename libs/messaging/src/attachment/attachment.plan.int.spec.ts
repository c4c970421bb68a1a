import type { RpcClient } from '@parley/bus';
import type { ConversationId, FileId, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { ExplainingDatabase } from '../explaining-database.scene';
import { AttachmentReader } from './attachment.reader';
import { AttachmentRepository } from './attachment.repository';
import { AttachmentAccessReader } from './attachment-access.reader';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

/** 1,000 conversations of 5 out of 2,000 users, with 20 messages each of which every second one has a file. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(`INSERT INTO users (id, display_name) SELECT 'u' || i, 'User' FROM generate_series(1, 2000) i`);
  await server.query(
    `INSERT INTO conversations (type, created_by, participant_count, last_seq)
     SELECT 'group', 'u1', 5, 20 FROM generate_series(1, 1000)`,
  );
  await server.query(
    `INSERT INTO participants (conversation_id, user_id)
     SELECT c, 'u' || (1 + (c * 5 + k) % 2000) FROM generate_series(1, 1000) c, generate_series(1, 5) k`,
  );
  await server.query(
    `INSERT INTO messages (conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash, content,
       created_at, updated_at)
     SELECT c, s, s + 1, s + 1, 'u1', 'k' || s, '', 'x', now(), now()
     FROM generate_series(1, 1000) c, generate_series(1, 20) s`,
  );
  await server.query(
    `INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
     SELECT 'f' || c || '-' || s, c, s, 0, CASE WHEN s % 4 = 0 THEN 'image' ELSE 'file' END, '{}'
     FROM generate_series(1, 1000) c, generate_series(2, 20, 2) s`,
  );
  await server.query(
    `INSERT INTO scheduled_messages (conversation_id, sender_id, idempotency_key, request_hash, draft, send_at)
     SELECT c, 'u1', 's' || s, '', '{"attachmentIds":[]}', now() FROM generate_series(1, 1000) c, generate_series(1, 5) s`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const [userId, conversationId, fileId] = ['u7' as UserId, '1' as ConversationId, 'f1-2' as FileId];
const list = { userId, conversationId, limit: 50, page: 1 };
const noRpc = undefined as unknown as RpcClient;

it.each<readonly [string, (db: Database) => Promise<unknown>]>([
  ['who may upload', (db) => new AttachmentAccessReader(db).authoriseUpload({ userId, conversationId })],
  ['who may have a file', (db) => new AttachmentAccessReader(db).authoriseDownload({ userId, conversationId, fileId })],
  ['the files of a conversation', (db) => new AttachmentReader(db, noRpc).list(list)],
  ['those of one kind', (db) => new AttachmentReader(db, noRpc).list({ ...list, kind: 'image' })],
  [
    'which files are held',
    (db) => new AttachmentReader(db, noRpc).filterAttached({ files: [{ id: fileId, conversationId }] }),
  ],
  [
    'whether a message waits with a file',
    (db) => new AttachmentReader(db, noRpc).demandUnscheduled('u1' as UserId, conversationId, [fileId]),
  ],
  ['what a message lets go of', (db) => new AttachmentRepository().release(db, conversationId, [2, 4])],
])('%s is found without reading a table from end to end', async (_, read) => {
  const explaining = new ExplainingDatabase(database);
  await read(explaining as unknown as Database);
  expect([...explaining.scanned]).toEqual([]);
});
