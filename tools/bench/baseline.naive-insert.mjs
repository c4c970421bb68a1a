// Baseline: one transaction a message, as one writes it first. Ten connections, a hundred messages in flight.
// Plan: { databaseUrl, conversations, inFlight, warmupSeconds, seconds }.
import { randomInt, randomUUID } from 'node:crypto';
import pg from 'pg';
import { checkCounters, createTables, dropTables } from './baseline.tables.mjs';
import { answerPlan } from './child.mjs';
import { Latency } from './latency.mjs';
import { measure } from './measurement.mjs';
import { content } from './typical-message.mjs';

const poolSize = 10;

const findDuplicate = {
  name: 'find',
  text: 'SELECT id, seq FROM baseline_messages WHERE conversation_id = $1 AND sender_id = $2 AND client_message_id = $3',
};
const countOne = {
  name: 'count',
  text: 'UPDATE baseline_conversations SET last_seq = last_seq + 1, last_message_at = now() WHERE id = $1 RETURNING last_seq',
};
const insert = {
  name: 'insert',
  text: `INSERT INTO baseline_messages (conversation_id, seq, sender_id, client_message_id, content)
         VALUES ($1, $2, $3, $4, $5) RETURNING id, seq, created_at`,
};

async function store(pool, { conversationId, senderId, clientMessageId }) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const found = await client.query({ ...findDuplicate, values: [conversationId, senderId, clientMessageId] });
    const [first] = found.rows;
    if (first) {
      await client.query('COMMIT');
      return first;
    }
    const counted = await client.query({ ...countOne, values: [conversationId] });
    const seq = counted.rows[0].last_seq;
    const inserted = await client.query({
      ...insert,
      values: [conversationId, seq, senderId, clientMessageId, content],
    });
    await client.query('COMMIT');
    return inserted.rows[0];
  } finally {
    client.release();
  }
}

await answerPlan(async ({ databaseUrl, conversations, inFlight, warmupSeconds, seconds }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
  await createTables(pool, conversations);
  const latency = new Latency();
  let stored = 0;
  let stopped = false;
  const lane = async (_, index) => {
    while (!stopped) {
      const message = {
        conversationId: 1 + randomInt(conversations),
        senderId: `user-${index}`,
        clientMessageId: randomUUID(),
      };
      const startedAt = performance.now();
      await store(pool, message);
      latency.add(performance.now() - startedAt);
      stored++;
    }
  };
  const lanes = Promise.all(Array.from({ length: inFlight }, lane));
  const pids = { naive: process.pid };
  const result = await Promise.race([measure({ warmupSeconds, seconds, pids, count: () => stored }), lanes]);
  stopped = true;
  await lanes;
  await checkCounters(pool);
  await dropTables(pool);
  await pool.end();
  return { perSecond: result.count / result.seconds, ms: latency.summary() };
});
