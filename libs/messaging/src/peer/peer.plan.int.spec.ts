import type { ConversationId, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { ExplainingDatabase } from '../explaining-database.scene';
import { PeerReader } from './peer.reader';
import { PeerRepository } from './peer.repository';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

/** 4,000 conversations of 5 out of 2,000 of 20,000 users; a few block many. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(`INSERT INTO users (id, display_name) SELECT 'u' || i, 'User' FROM generate_series(1, 20000) i`);
  await server.query(
    `INSERT INTO conversations (type, created_by, participant_count) SELECT 'group', 'u1', 5 FROM generate_series(1, 4000)`,
  );
  await server.query(
    `INSERT INTO participants (conversation_id, user_id)
     SELECT c, 'u' || (1 + (c * 5 + k) % 2000) FROM generate_series(1, 4000) c, generate_series(1, 5) k`,
  );
  await server.query(
    `INSERT INTO blocks (blocker_id, blocked_id)
     SELECT 'u' || b, 'u' || (100 + i) FROM generate_series(1, 10) b, generate_series(1, 1000) i`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const viewerId = 'u7' as UserId;
const userIds = Array.from({ length: 1_000 }, (_, i) => `u${i}` as UserId);
const conversationIds = Array.from({ length: 100 }, (_, i) => String(i + 1) as ConversationId);
const conversationId = '1' as ConversationId;

it.each<readonly [string, (db: Database) => Promise<unknown>]>([
  [
    'which of a thousand users somebody may see',
    (db) => new PeerReader(db).describe({ viewerId, userIds, areParticipants: false, conversationIds }),
  ],
  [
    'what is known of a thousand participants',
    (db) => new PeerReader(db).describe({ viewerId, userIds, areParticipants: true }),
  ],
  ['whom somebody may see', (db) => new PeerReader(db).list({ viewerId, limit: 1_000 })],
  [
    'who of a conversation may be seen',
    (db) => new PeerReader(db).listParticipants({ viewerId: 'u8' as UserId, conversationId, limit: 1_000 }),
  ],
  ['who takes part and who blocks', (db) => new PeerReader(db).listAudiences({ conversationIds, userIds })],
  ['who may speak', (db) => new PeerReader(db).checkVoice({ userId: 'u8' as UserId, conversationId })],
  [
    'when users were last seen, to write it',
    (db) =>
      new PeerRepository(db).saveLastSeen({ seen: userIds.slice(0, 50).map((id) => [id, new Date().toISOString()]) }),
  ],
])('asking %s reads no table from end to end', async (_what, run) => {
  const explaining = new ExplainingDatabase(database);
  await run(explaining as unknown as Database);
  expect([...explaining.scanned]).toEqual([]);
});
