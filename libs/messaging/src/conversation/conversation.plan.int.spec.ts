import type { ConversationId, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { ExplainingDatabase } from '../explaining-database.scene';
import { ParticipantReader } from '../participant/participant.reader';
import { ConversationReader } from './conversation.reader';
import { ConversationRepository } from './conversation.repository';
import { PublicConversationReader } from './public-conversation.reader';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

const busy = 'busy' as UserId;
const conversation = '1' as ConversationId;

/**
 * 4,000 conversations of 5 out of 2,000 users, 30 messages in each of the first 1,000; one user more is in 500 of them. Few
 * messages are deleted or were scheduled, few mention anybody, few conversations are public.
 */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(
    `INSERT INTO users (id, username, display_name)
     SELECT 'u' || i, 'name' || i, 'User ' || i FROM generate_series(1, 2000) i UNION ALL SELECT 'busy', 'busy', 'Busy'`,
  );
  await server.query(
    `INSERT INTO conversations (type, title, created_by, visibility, last_seq, participant_count)
     SELECT 'channel', 'Title ' || i, 'u1', CASE WHEN i % 20 = 0 THEN 'public' ELSE 'private' END,
       CASE WHEN i <= 1000 THEN 30 ELSE 0 END, 5
     FROM generate_series(1, 4000) i`,
  );
  await server.query(
    `INSERT INTO participants (conversation_id, user_id)
     SELECT c, 'u' || (1 + (c * 5 + k) % 2000) FROM generate_series(1, 4000) c, generate_series(1, 5) k
     UNION ALL SELECT c, 'busy' FROM generate_series(1, 1000, 2) c`,
  );
  await server.query(
    `INSERT INTO messages (conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash, content,
       created_at, updated_at, deleted_at, is_scheduled)
     SELECT c, s, s + 1, s + 1, 'u1', 'k' || s, '', 'x', now(), now(), CASE WHEN s % 10 = 0 THEN now() END, s % 15 = 0
     FROM generate_series(1, 1000) c, generate_series(1, 30) s
     ORDER BY c, s`,
  );
  await server.query(
    `INSERT INTO mentions (conversation_id, user_id, seq)
     SELECT c, u, s FROM generate_series(1, 1000) c, generate_series(4, 30, 4) s, unnest(ARRAY['busy', 'u1']) u`,
  );
  await server.query(
    `INSERT INTO blocks (blocker_id, blocked_id)
     SELECT 'u' || i, 'u' || (i + k) FROM generate_series(1, 1000) i, generate_series(1, 5) k`,
  );
  await server.query('VACUUM ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const list = (db: Database, filter: object = {}) =>
  new ConversationReader(db).list({ userId: busy, limit: 50, page: 1, ...filter });

async function explain(run: (db: Database) => Promise<unknown>): Promise<ExplainingDatabase> {
  const explaining = new ExplainingDatabase(database);
  await run(explaining as Queryable as Database);
  return explaining;
}

it.each<[string, (db: Database) => Promise<unknown>]>([
  ['the list of 500', (db) => list(db)],
  ['the archive', (db) => list(db, { archived: true, type: 'channel' })],
  ['what is unread', (db) => list(db, { unreadOnly: true })],
  ['a search', (db) => list(db, { q: 'user 17' })],
  ['a conversation', (db) => new ConversationReader(db).getViewed(conversation, busy)],
  ['a description', (db) => new ConversationReader(db).describe(conversation)],
  ['own heads', (db) => new ConversationReader(db).readHeads([conversation, '3' as ConversationId], busy)],
  ['what is public', (db) => new PublicConversationReader(db).list({ userId: busy, limit: 50, page: 1 })],
  ['a public title', (db) => new PublicConversationReader(db).list({ userId: busy, limit: 50, page: 1, q: '40' })],
  [
    'participants',
    (db) => new ParticipantReader(db).list({ userId: busy, conversationId: conversation, limit: 50, page: 1 }),
  ],
  ['participants by id', (db) => new ParticipantReader(db).listFound(db, conversation, [busy, 'u7' as UserId])],
  ['a block', (db) => new ConversationRepository(db).isBlocked('u7' as UserId, busy)],
  ['an existing direct one', (db) => new ConversationRepository(db).findDirect('4:busyu7')],
])('%s is read by index alone', async (_what, run) => {
  expect([...(await explain(run)).scanned]).toEqual([]);
});

it('counts what is unread by the index of what does not count', async () => {
  const { indexes } = await explain((db) => list(db, { unreadOnly: true }));
  expect([...indexes]).toEqual(
    expect.arrayContaining(['messages_uncounted_idx', 'mentions_pkey', 'participants_user_id_conversation_id_idx']),
  );
  const { conversations } = await list(database, { unreadOnly: true });
  // Of 30 messages two are deleted, and one more is deleted and was scheduled; of 7 mentions one is deleted.
  expect(conversations[0]).toMatchObject({ unread_count: 27, mention_count: 6 });
});

it('asks once, however many conversations there are', async () => {
  let statements = 0;
  const counting = {
    query: (...args: Parameters<Queryable['query']>) => {
      statements++;
      return database.query(...args);
    },
  };
  const { conversations } = await list(counting as Queryable as Database, { limit: 100, q: 'user', unreadOnly: true });
  expect([conversations.length, statements]).toEqual([100, 1]);
});
