// The tables that the bare inserts write to: what a chat needs at the least, with the indexes that order, ids and repetitions
// ask for. Each baseline makes them anew.
const statements = `
  DROP TABLE IF EXISTS baseline_messages, baseline_conversations;
  CREATE TABLE baseline_conversations (
    id bigint PRIMARY KEY,
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_at timestamptz
  ) WITH (fillfactor = 50);
  CREATE TABLE baseline_messages (
    conversation_id bigint NOT NULL,
    seq bigint NOT NULL,
    id bigserial NOT NULL,
    sender_id text NOT NULL,
    client_message_id text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (id),
    UNIQUE (conversation_id, sender_id, client_message_id)
  );`;

export async function createTables(pool, conversations) {
  await pool.query(statements);
  await pool.query('INSERT INTO baseline_conversations (id) SELECT generate_series(1, $1::int)', [conversations]);
}

/** @throws Error when a counter and the rows that it counts disagree: then the baseline's figure is worth nothing */
export async function checkCounters(pool) {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS wrong FROM (
       SELECT c.id FROM baseline_conversations c LEFT JOIN baseline_messages m ON m.conversation_id = c.id
       GROUP BY c.id HAVING c.last_seq <> count(m.seq) OR c.last_seq <> coalesce(max(m.seq), 0)
     ) AS conversations`,
  );
  if (rows[0].wrong > 0) throw new Error(`the baseline wrote gaps into ${rows[0].wrong} conversations`);
}

export async function dropTables(pool) {
  await pool.query('DROP TABLE baseline_messages, baseline_conversations');
}
