// Reads of what has grown: the list of a user with many conversations, and pages of a long history.
import pg from 'pg';
import { Latency } from './latency.mjs';
import { RestClient } from './rest-client.mjs';

const reader = 'reader';
const listed = 500;

/** Each read so often, one after another. */
const repetitions = 300;

/** One statement a million messages, so that it stays below what a statement may take in memory. */
const messagesAtOnce = 1_000_000;

const fillHistory = `
  INSERT INTO messages (
    conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash, content, created_at, updated_at
  )
  SELECT $1, n, n + 1, n + 1, $2, 'g' || n, '\\x00', 'message ' || n, now(), now()
  FROM generate_series($3::bigint, $4::bigint) AS n`;

const moveHead = `UPDATE conversations SET last_seq = $2::bigint, rev = $2::bigint + 1 WHERE id = $1`;

const openMany = `
  WITH opened AS (
    INSERT INTO conversations (type, title, created_by, participant_count, last_seq, rev, last_message_at)
    SELECT 'group', 'Group ' || n, $1::text, 2, 1, 2, now() - make_interval(secs => n) FROM generate_series(1, $2::int) AS n
    RETURNING id
  ),
  joined AS (
    INSERT INTO participants (conversation_id, user_id, role)
    SELECT o.id, u.id, 'participant' FROM opened o CROSS JOIN unnest(ARRAY[$1::text, 'friend']) AS u (id)
  )
  INSERT INTO messages (
    conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash, content, created_at, updated_at
  )
  SELECT o.id, 1, 2, 2, 'friend', 'g1', '\\x00', 'the last message', now(), now() FROM opened o`;

/** `messages` in one conversation, and 500 conversations of one user. What reads almost nothing is read beside them. */
export async function measureReads({ deployment, issuer, options, say }) {
  const [port] = deployment.ports;
  const rest = new RestClient(issuer);
  await rest.createUsers(port, [reader, 'friend']);
  const id = await rest.createConversation(port, reader, { type: 'group', participant_ids: ['friend'] });
  await fill(deployment.databaseServer, id, options.messages, say);
  const middle = Math.floor(options.messages / 2);
  const paths = {
    'own profile': '/api/users/me',
    [`list of ${listed} conversations`]: '/api/conversations?limit=50',
    'newest messages': `/api/conversations/${id}/messages?limit=50`,
    'messages in the middle': `/api/conversations/${id}/messages?before_seq=${middle}&limit=50`,
    'oldest messages': `/api/conversations/${id}/messages?after_seq=0&limit=50`,
  };
  const reads = [];
  for (const [what, path] of Object.entries(paths)) reads.push({ what, ...(await measure(port, issuer, path)) });
  return { name: deployment.name, messages: options.messages, reads };
}

async function fill(databaseServer, conversationId, messages, say) {
  const url = new URL(databaseServer);
  url.pathname = '/parley';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    say(`writing ${messages} messages and ${listed} conversations ...`);
    for (let first = 1; first <= messages; first += messagesAtOnce) {
      const last = Math.min(messages, first + messagesAtOnce - 1);
      await client.query(fillHistory, [conversationId, 'friend', first, last]);
    }
    await client.query(moveHead, [conversationId, messages]);
    await client.query(openMany, [reader, listed]);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

async function measure(port, issuer, path) {
  const headers = { authorization: `Bearer ${issuer.issue(reader)}` };
  const latency = new Latency();
  for (let i = -20; i < repetitions; i++) {
    const startedAt = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    // The first ones fill caches.
    if (i >= 0) latency.add(performance.now() - startedAt);
  }
  return { ms: latency.summary() };
}
