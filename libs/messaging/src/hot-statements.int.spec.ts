import type { ConversationId, MessageId, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { ConversationReader } from './conversation/conversation.reader';
import { MessageReader } from './message/message.reader';
import { MessageRepository } from './message/message.repository';
import { toDraft } from './message/message.policy';
import { aSend } from './messaging.builder';
import { OutboxRepository } from './outbox/outbox.repository';
import { ParticipantReader } from './participant/participant.reader';
import { SyncReader } from './sync/sync.reader';

jest.setTimeout(60_000);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

let server: TestDatabase;
let database: Database;

/** 4,000 conversations of 5 out of 2,000 users; 50 messages in each of the first 1,000 conversations. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(`INSERT INTO users (id, display_name) SELECT 'u' || i, 'User' FROM generate_series(1, 2000) i`);
  await server.query(
    `INSERT INTO conversations (type, created_by, last_seq, rev, participant_count)
     SELECT 'group', 'u1', CASE WHEN i <= 1000 THEN 50 ELSE 0 END, CASE WHEN i <= 1000 THEN 51 ELSE 1 END, 5
     FROM generate_series(1, 4000) i`,
  );
  await server.query(
    `INSERT INTO participants (conversation_id, user_id)
     SELECT c, 'u' || (1 + (c * 5 + k) % 2000) FROM generate_series(1, 4000) c, generate_series(1, 5) k`,
  );
  await server.query(
    `INSERT INTO messages (conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash, content,
       reply_to_id, created_at, updated_at)
     SELECT c, s, s + 1, s + 1, 'u' || (1 + (c * 5 + 1) % 2000), 'k' || s, '', 'x',
       CASE WHEN s % 10 = 0 THEN 1 END, now(), now()
     FROM generate_series(1, 1000) c, generate_series(1, 50) s
     ORDER BY c, s`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

/** Runs statements, and collects the tables that their plans read from end to end. */
class ExplainingDatabase {
  readonly scanned = new Set<string>();

  async query<Row extends object>(name: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const [row] = await database.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      '',
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    for (const { Plan } of row?.['QUERY PLAN'] ?? []) this.collect(Plan);
    return database.query<Row>(name, text, values);
  }

  private collect(node: PlanNode): void {
    if (node['Node Type'] === 'Seq Scan') this.scanned.add(node['Relation Name'] ?? '');
    node.Plans?.forEach((child) => this.collect(child));
  }
}

const user = 'u7' as UserId;
const conversation = '1' as ConversationId;
const draftsOf = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    toDraft(
      aSend({
        conversationId: String(i + 1) as ConversationId,
        senderId: `u${1 + (((i + 1) * 5 + 1) % 2000)}` as UserId,
        replyToId: i % 3 === 0 ? ('1' as MessageId) : null,
      }),
    ),
  );
const drafts = draftsOf(100);
const moved = drafts.map(({ conversationId }) => ({
  id: conversationId,
  head: { seq: 50, rev: 51 },
  since: { seq: 20, rev: 21 },
}));
const page = { userId: user, conversationId: conversation, limit: 50 };

describe('no table is read from end to end', () => {
  it.each<[string, (db: Database) => Promise<unknown>]>([
    ['the write batch', (db) => new MessageRepository(db).insert(drafts, false)],
    ['the patient write batch', (db) => new MessageRepository(db).insert(draftsOf(100), true)],
    ['finding what was stored under a key', (db) => new MessageRepository(db).listFirst(drafts)],
    ['the newest page', (db) => new MessageReader(db).listPage({ ...page, position: { at: 'page', page: 1 } })],
    ['a page after a seq', (db) => new MessageReader(db).listPage({ ...page, position: { at: 'after_seq', seq: 10 } })],
    [
      'a page around a message',
      (db) =>
        new MessageReader(db).listPage({ ...page, position: { at: 'around_message', messageId: '30' as MessageId } }),
    ],
    ['changes', (db) => new MessageReader(db).listChanges({ conversationId: conversation, since: { seq: 1, rev: 2 } })],
    ['the list of conversations', (db) => new ConversationReader(db).list({ userId: user, limit: 50, page: 1 })],
    ['a conversation', (db) => new ConversationReader(db).getViewed(conversation, user)],
    ['heads', (db) => new ConversationReader(db).readHeads(drafts.map((draft) => draft.conversationId))],
    ['memberships', (db) => new ParticipantReader(db).listMemberships({ userId: user })],
    ['where a user stands', (db) => new SyncReader(db).listStandings(db, user)],
    ['new messages of a sync', (db) => new SyncReader(db).listNew(db, moved, 201)],
    ['changed messages of a sync', (db) => new SyncReader(db).listChanged(db, moved, 201)],
    [
      'what an outbox row points at',
      (db) => new OutboxRepository(db).listEvents(db, { id: '1', kind: 'messages', payload: [['1', 1, 2, 50]] }),
    ],
  ])('by %s', async (_statement, run) => {
    const explaining = new ExplainingDatabase();
    await run(explaining as Queryable as Database);
    expect([...explaining.scanned]).toEqual([]);
  });
});
