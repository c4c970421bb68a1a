import { type ConversationId, FileId, type MessageId, type ScheduledId, type UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Database, type Queryable } from '@parley/database';
import { anAttachment, testDatabase, type TestDatabase } from '@parley/testing';
import { ChangeReader } from './sync/change.reader';
import { ConversationReader } from './conversation/conversation.reader';
import { ExplainingDatabase } from './explaining-database.scene';
import { MentionReader } from './mention/mention.reader';
import { MessageReader } from './message/message.reader';
import { MessageRepository } from './message/message.repository';
import { aSend, toDraft } from './messaging.scene';
import { OutboxRepository } from './outbox/outbox.repository';
import { ParticipantReader } from './participant/participant.reader';
import { ReceiptReader } from './receipt/receipt.reader';
import { ReceiptRepository } from './receipt/receipt.repository';
import { ScheduleReader } from './schedule/schedule.reader';
import { ScheduleRepository } from './schedule/schedule.repository';
import { SyncReader } from './sync/sync.reader';

jest.setTimeout(60_000);

let server: TestDatabase;
let database: Database;

/** 4,000 conversations of 5 out of 2,000 users; 50 messages in each of the first 1,000 conversations. */
beforeAll(async () => {
  server = await testDatabase();
  database = Database.connect({ url: server.url, statementTimeoutMs: 60_000 });
  await server.query(
    `INSERT INTO users (id, username, display_name) SELECT 'u' || i, 'name' || i, 'User' FROM generate_series(1, 2000) i`,
  );
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
       reply_to_id, thread_root_id, created_at, updated_at)
     SELECT c, s, s + 1, s + 1, 'u' || (1 + (c * 5 + 1) % 2000), 'k' || s, '', 'x',
       CASE WHEN s % 10 = 0 THEN 1 END, CASE WHEN s % 7 = 0 THEN (c - 1) * 50 + 3 END, now(), now()
     FROM generate_series(1, 1000) c, generate_series(1, 50) s
     ORDER BY c, s`,
  );
  await server.query(
    `INSERT INTO reactions (conversation_id, seq, emoji, user_id)
     SELECT c, s, e, 'u' || (1 + (c * 5 + 2) % 2000)
     FROM generate_series(1, 1000) c, generate_series(10, 50, 10) s, unnest(ARRAY['a', 'b']) e`,
  );
  await server.query(
    `INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
     SELECT 'f' || c || '-' || s, c, s, 0, 'image', '{}' FROM generate_series(1, 1000) c, generate_series(5, 50, 5) s`,
  );
  await server.query(
    `INSERT INTO receipts (conversation_id, user_id, kind, up_to_seq)
     SELECT c, 'u' || (1 + (c * 5 + k) % 2000), 'read', s
     FROM generate_series(1, 1000) c, generate_series(1, 5) k, generate_series(10, 50, 10) s`,
  );
  await server.query(
    `INSERT INTO scheduled_messages (conversation_id, sender_id, idempotency_key, request_hash, draft, send_at, settled_at)
     SELECT c, 'u' || (1 + (c * 5 + 1) % 2000), 's' || s, '', '{"attachmentIds":[],"mentionIds":[]}', now() + interval '1 day' - s * interval '1 hour',
       CASE WHEN s > 24 THEN now() - s * interval '1 hour' END
     FROM generate_series(1, 1000) c, generate_series(1, 40) s`,
  );
  await server.query(
    `INSERT INTO mentions (conversation_id, user_id, seq)
     SELECT c, 'u' || (1 + (c * 5 + 2) % 2000), s FROM generate_series(1, 1000) c, generate_series(5, 50, 5) s`,
  );
  await server.query('ANALYZE');
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

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
const richDrafts = draftsOf(100).map((draft, i) => ({
  ...draft,
  threadRootId: i % 2 === 0 ? (String(i * 50 + 3) as MessageId) : null,
  mentions: i % 3 === 0 ? ['u1', 'u2'] : [],
  attachments:
    i % 5 === 0 ? [anAttachment({ id: FileId.parse(`00000000-0000-4000-8000-${String(i).padStart(12, '0')}`) })] : [],
  isScheduled: i % 7 === 0,
}));
const moved = drafts.map(({ conversationId }) => ({
  id: conversationId,
  head: { seq: 50, rev: 51 },
  detailsRev: 1,
  isHidden: false,
  since: { seq: 20, rev: 21 },
}));
const rootId = '3' as MessageId;
const scheduled = {
  ...toDraft(aSend({ senderId: user, replyToId: rootId, threadRootId: rootId })),
  attachmentIds: ['f1'],
};
const page = { userId: user, conversationId: conversation, limit: 50, threadRootId: null };

/** The plan is what counts, whoever may see the answer. */
const ignoreRefusal = (error: unknown): void => {
  if (!(error instanceof AppError)) throw error;
};

describe('no table is read from end to end', () => {
  it.each<[string, (db: Database) => Promise<unknown>]>([
    ['the write batch', (db) => new MessageRepository(db).insert(drafts, false)],
    ['the patient write batch', (db) => new MessageRepository(db).insert(draftsOf(100), true)],
    ['the rich write batch', (db) => new MessageRepository(db).insert(richDrafts, false)],
    ['finding what was stored under a key', (db) => new MessageRepository(db).listFirst(drafts)],
    ['the newest page', (db) => new MessageReader(db).listPage({ ...page, position: { at: 'page', page: 1 } })],
    ['a page after a seq', (db) => new MessageReader(db).listPage({ ...page, position: { at: 'after_seq', seq: 10 } })],
    [
      'a page of a thread',
      (db) => new MessageReader(db).listPage({ ...page, threadRootId: rootId, position: { at: 'page', page: 2 } }),
    ],
    [
      'a page of a thread around a message',
      (db) =>
        new MessageReader(db).listPage({
          ...page,
          threadRootId: rootId,
          position: { at: 'around_message', messageId: '30' as MessageId },
        }),
    ],
    ['a message as one sees it', (db) => new MessageReader(db).getViewed(db, rootId, user)],
    ['a message as events carry it', (db) => new MessageReader(db).getView(db, conversation, 7)],
    [
      'finding whom a message mentions',
      (db) =>
        new MentionReader().resolve(db, {
          conversationId: conversation,
          senderId: user,
          content: '@name7 @u8 @all',
          mentionIds: [user],
        }),
    ],
    [
      'a page around a message',
      (db) =>
        new MessageReader(db).listPage({ ...page, position: { at: 'around_message', messageId: '30' as MessageId } }),
    ],
    [
      'changes',
      (db) =>
        new ChangeReader(db, new ConversationReader(db)).list({
          conversationId: conversation,
          since: { seq: 1, rev: 0 },
        }),
    ],
    ['the list of conversations', (db) => new ConversationReader(db).list({ userId: user, limit: 50, page: 1 })],
    ['a conversation', (db) => new ConversationReader(db).getViewed(conversation, user)],
    ['heads', (db) => new ConversationReader(db).readHeads(drafts.map((draft) => draft.conversationId))],
    ['memberships', (db) => new ParticipantReader(db).listMemberships({ userId: user })],
    ['where a user stands', (db) => new SyncReader(db).listStandings(db, user)],
    ['new messages of a sync', (db) => new SyncReader(db).listNew(db, user, moved, 201)],
    ['changed messages of a sync', (db) => new SyncReader(db).listChanged(db, user, moved, 201)],
    [
      'moved cursors of a sync',
      (db) =>
        new SyncReader(db).listMovedCursors(
          db,
          user,
          moved.map(({ id, since }) => ({ id, seenSeq: since.seq })),
        ),
    ],
    [
      'reading up to a message',
      (db) => new ReceiptRepository(db).mark(user, 'read', { by: 'message', messageId: '30' as MessageId }),
    ],
    [
      'getting everything',
      (db) => new ReceiptRepository(db).mark(user, 'delivered', { by: 'everything', conversationId: conversation }),
    ],
    [
      'who has read',
      (db) =>
        new ReceiptReader(db)
          .list({ userId: user, messageId: '30' as MessageId, limit: 50, page: 1 })
          .catch(ignoreRefusal),
    ],
    ['what is unread', (db) => new ReceiptReader(db).countUnread(user)],
    [
      'where a cursor stands',
      (db) => new ReceiptReader(db).getStanding(conversation, user, 'read').catch(ignoreRefusal),
    ],
    ['what a user has scheduled', (db) => new ScheduleReader(db).list({ ...page, page: 1 })],
    ['how a message to be scheduled stands', (db) => new ScheduleReader(db).getStanding(scheduled)],
    ['finding what was scheduled under a key', (db) => new ScheduleRepository(db).findByKey(scheduled)],
    ['what is due', (db) => new ScheduleRepository(db).claimDue(db, { sendAt: '-infinity', id: '0' }, 100)],
    ['noting that it was sent', (db) => new ScheduleRepository(db).settle(db, ['1', '2'])],
    ['holding a scheduled message', (db) => new ScheduleRepository(db).lock(db, '1' as ScheduledId, user)],
    ['forgetting what was sent', (db) => new ScheduleRepository(db).forgetSettled(12 * 3_600, 10)],
    [
      'what an outbox row points at',
      (db) => new OutboxRepository(db).listEvents(db, { id: '1', kind: 'messages', payload: [['1', 1, 2, 50]] }),
    ],
  ])('by %s', async (_statement, run) => {
    const explaining = new ExplainingDatabase(database);
    await run(explaining as Queryable as Database);
    expect([...explaining.scanned]).toEqual([]);
  });
});
