// Baseline: the bare batch, many rows with one statement and counters that have no gaps. No membership, no idempotency, no
// outbox: what the database's driver costs at the least. Plan: { databaseUrl, conversations, warmupSeconds, seconds }.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { checkCounters, createTables, dropTables } from './baseline.tables.mjs';
import { answerPlan } from './child.mjs';
import { measure } from './measurement.mjs';
import { content } from './typical-message.mjs';

const rowsPerBatch = 75;
const batchesInFlight = 3;

/** Rows are locked in id order, or two batches could wait for each other. */
const insertBatch = `
  WITH locked AS MATERIALIZED (
    SELECT c.id, wanted.messages
    FROM unnest($1::bigint[], $2::int[]) AS wanted (id, messages)
    JOIN baseline_conversations c ON c.id = wanted.id
    ORDER BY c.id FOR NO KEY UPDATE OF c
  ), counted AS (
    UPDATE baseline_conversations c SET last_seq = c.last_seq + locked.messages, last_message_at = now()
    FROM locked WHERE c.id = locked.id RETURNING c.id, c.last_seq - locked.messages AS base
  )
  INSERT INTO baseline_messages (conversation_id, seq, sender_id, client_message_id, content)
  SELECT sent.conversation_id, counted.base + sent.position, sent.sender_id, sent.client_message_id, sent.content
  FROM unnest($3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[])
    AS sent (conversation_id, position, sender_id, client_message_id, content)
  JOIN counted ON counted.id = sent.conversation_id
  RETURNING conversation_id, seq, id, created_at`;

/** The statement's columns for messages of these conversations. */
function columnsOf(conversationIds) {
  const counts = new Map();
  const positions = conversationIds.map((id) => {
    const position = (counts.get(id) ?? 0) + 1;
    counts.set(id, position);
    return position;
  });
  return [
    [...counts.keys()],
    [...counts.values()],
    conversationIds,
    positions,
    conversationIds.map((id) => `user-${id}`),
    conversationIds.map(() => randomUUID()),
    conversationIds.map(() => content),
  ];
}

await answerPlan(async ({ databaseUrl, conversations, warmupSeconds, seconds }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: batchesInFlight });
  await createTables(pool, conversations);
  let stored = 0;
  let stopped = false;
  // Each lane has conversations of its own, as Parley has each in one batch in flight at a time.
  const lane = async (_, index) => {
    const own = Math.floor(conversations / batchesInFlight);
    for (let turn = 0; !stopped; turn += rowsPerBatch) {
      const ids = Array.from({ length: rowsPerBatch }, (__, row) => 1 + index * own + ((turn + row) % own));
      const { rows } = await pool.query({ name: 'batch', text: insertBatch, values: columnsOf(ids) });
      stored += rows.length;
    }
  };
  const lanes = Promise.all(Array.from({ length: batchesInFlight }, lane));
  const pids = { batch: process.pid };
  const result = await Promise.race([measure({ warmupSeconds, seconds, pids, count: () => stored }), lanes]);
  stopped = true;
  await lanes;
  await checkCounters(pool);
  await dropTables(pool);
  await pool.end();
  return { perSecond: result.count / result.seconds, cpuMicros: result.cpu.batch / result.count };
});
