import type { ConversationId, MessageId, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { testDatabase, type TestDatabase } from '@parley/testing';
import { aSend, type MessagingProcess, Scene, startMessaging, toDraft } from '../messaging.scene';
import type { MessageDraft } from './message.draft';
import { type AcceptedRow, type InsertedRow, MessageRepository } from './message.repository';

jest.setTimeout(30_000);

let server: TestDatabase;
let database: Database;
let process: MessagingProcess;
let scene: Scene;
let repository: MessageRepository;
let alice: UserId;
let bob: UserId;
let muted: UserId;

beforeAll(async () => {
  server = await testDatabase();
  // One connection, which knows all statements that it planned.
  database = Database.connect({ url: server.url, poolMax: 1 });
  process = await startMessaging(server.url);
  scene = new Scene(process);
  repository = new MessageRepository(database);
  [alice, bob, muted] = (await scene.users('alice', 'bob', 'muted')) as [UserId, UserId, UserId];
});
afterAll(async () => {
  await Promise.all([process.close(), database.close()]);
  await server.drop();
});

const draft = (conversationId: ConversationId, senderId: UserId, fields: Partial<MessageDraft> = {}): MessageDraft => ({
  ...toDraft(aSend({ conversationId, senderId })),
  ...fields,
});

async function aConversation(): Promise<ConversationId> {
  const { id } = await scene.conversation([alice, bob, muted]);
  await server.query(`UPDATE participants SET is_muted = true WHERE conversation_id = $1 AND user_id = 'muted'`, [id]);
  return id;
}

const isAccepted = (row: InsertedRow): row is AcceptedRow => row.verdict === 'accepted';
const numbers = (row: InsertedRow) => (isAccepted(row) ? [Number(row.seq), Number(row.rev)] : row.verdict);

/** Plain, and what makes a batch rich. */
const kinds: [string, (conversationId: ConversationId) => MessageDraft[]][] = [
  ['plain', () => []],
  ['rich', (id) => [draft(id, muted, { mentions: [bob] })]],
];

describe.each(kinds)('a %s batch', (name, more) => {
  it('answers in the order of its drafts, and numbers what it stores without gaps around what it refuses', async () => {
    // The later conversation comes first, so that the order of the drafts is none that the database would choose.
    const [one, other] = [await aConversation(), await aConversation()];
    const rows = await repository.insert(
      [
        draft(other, muted),
        draft(other, bob),
        draft(one, alice),
        draft(other, alice, { replyToId: '999999999' as MessageId }),
        draft(one, muted),
        draft('999999999' as ConversationId, alice),
        draft(other, alice),
        draft(one, bob),
        draft(other, bob),
        ...more(one),
      ],
      false,
    );
    expect(rows.slice(0, 9).map(numbers)).toEqual([
      'participant_muted',
      [1, 2],
      [1, 2],
      'reply_target_not_found',
      'participant_muted',
      'conversation_not_found',
      [2, 3],
      [2, 3],
      [3, 4],
    ]);
    expect(rows.slice(9).map(numbers)).toEqual(more(one).map(() => 'participant_muted'));
    const heads = `SELECT last_seq::int4, rev::int4 FROM conversations WHERE id = ANY ($1) ORDER BY id`;
    expect(await server.query(heads, [[one, other]])).toEqual([
      { last_seq: 2, rev: 3 },
      { last_seq: 3, rev: 4 },
    ]);
  });

  it('gives a later message of a conversation a higher id and no earlier time', async () => {
    const [one, other] = [await aConversation(), await aConversation()];
    const turns = [one, other, one, other, one, other];
    const rows = [
      ...(await repository.insert([...turns.map((id) => draft(id, alice)), ...more(one)], false)),
      ...(await repository.insert([...turns.map((id) => draft(id, bob)), ...more(one)], false)),
    ].filter(isAccepted);
    for (const id of [one, other]) {
      const own = rows.filter((_, i) => turns[i % turns.length] === id);
      const bySeq = [...own].sort((a, b) => Number(a.seq) - Number(b.seq));
      expect(own.map(({ seq }) => seq)).toEqual(['1', '2', '3', '4', '5', '6']);
      expect(bySeq.map((row) => Number(row.id))).toEqual(own.map((row) => Number(row.id)).sort((a, b) => a - b));
      expect(bySeq.map((row) => row.created_at)).toEqual(own.map((row) => row.created_at).sort());
    }
  });

  it('is planned a few times and not for each batch, however few messages the first ones hold', async () => {
    const id = await aConversation();
    for (let n = 1; n <= 12; n++) await repository.insert([draft(id, alice), ...more(id)], false);
    const plans = `SELECT custom_plans::int4 AS made, generic_plans::int4 AS kept FROM pg_prepared_statements WHERE name = $1`;
    const statement = name === 'plain' ? 'message_insert' : 'message_insert_rich';
    const [row] = await database.query<{ made: number; kept: number }>('', plans, [statement]);
    expect(row?.made).toBeLessThanOrEqual(5);
    expect(row?.kept).toBeGreaterThanOrEqual(7);
  });
});
