/**
 * The write batch: who may, gets the next numbers of its conversation; all in one statement.
 *
 * - `locked` takes the conversations' rows in id order, as every writer of a conversation does first. What it reads of
 *   them is their latest version.
 * - `sender` locks the senders' rows: a plain read would see them as they were before the wait for the conversation, and a
 *   message of somebody who was removed meanwhile would slip in.
 * - `judged` decides; `accepted` puts the rest in order; `bumped` moves the conversations' counters by that many.
 * - Sending is reading: `cursors` takes the sender's own along.
 * - One outbox row points at everything that was stored.
 *
 * Lookups are LATERAL with OFFSET 0, and updates name the conversations once more, so that the plan stays one of index
 * lookups whatever the statistics say. `is_accepted` is a column of its own because the planner expects one row of a
 * comparison with a text, and would join the batch with itself row by row.
 */
const statement = `
WITH input AS MATERIALIZED (
  SELECT i.*
  FROM unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[]
  ) WITH ORDINALITY AS i (
    conversation_id, sender_id, idempotency_key, request_hash, content, message_type, reply_to_id, metadata, ord
  )
),
locked AS MATERIALIZED (
  SELECT c.id, c.posting, c.deleted_at
  FROM conversations c
  WHERE c.id = ANY ($9::bigint[])
  ORDER BY c.id
  FOR NO KEY UPDATE OF c SKIP LOCKED
),
sender AS MATERIALIZED (
  SELECT i.ord, p.role, p.is_muted, p.left_at, u.display_name, u.avatar_url
  FROM input i
  JOIN locked l ON l.id = i.conversation_id
  CROSS JOIN LATERAL (
    SELECT p.role, p.is_muted, p.left_at
    FROM participants p
    WHERE p.conversation_id = l.id AND p.user_id = i.sender_id
    OFFSET 0
    FOR NO KEY UPDATE OF p
  ) p
  CROSS JOIN LATERAL (SELECT u.display_name, u.avatar_url FROM users u WHERE u.id = i.sender_id OFFSET 0) u
),
judged AS MATERIALIZED (
  SELECT i.*, s.display_name, s.avatar_url, r.content AS reply_to_content,
    v.verdict, v.verdict = 'accepted' AS is_accepted
  FROM input i
  LEFT JOIN locked l ON l.id = i.conversation_id
  LEFT JOIN sender s ON s.ord = i.ord
  LEFT JOIN LATERAL (
    SELECT m.id, m.content
    FROM messages m
    WHERE i.reply_to_id IS NOT NULL AND m.id = i.reply_to_id AND m.conversation_id = i.conversation_id
    OFFSET 0
  ) r ON true
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN l.id IS NULL AND (
        SELECT c.deleted_at IS NULL FROM conversations c WHERE c.id = i.conversation_id
      ) THEN 'skipped'
      WHEN l.id IS NULL OR l.deleted_at IS NOT NULL THEN 'conversation_not_found'
      WHEN s.ord IS NULL OR s.left_at IS NOT NULL THEN 'not_a_participant'
      WHEN s.is_muted THEN 'participant_muted'
      WHEN l.posting = 'moderators' AND s.role = 'participant' THEN 'posting_restricted'
      WHEN i.reply_to_id IS NOT NULL AND r.id IS NULL THEN 'reply_target_not_found'
      ELSE 'accepted'
    END AS verdict
    OFFSET 0
  ) v
),
accepted AS MATERIALIZED (
  SELECT j.*, row_number() OVER (PARTITION BY j.conversation_id ORDER BY j.ord) AS place
  FROM judged j
  WHERE j.is_accepted
),
bumped AS (
  UPDATE conversations c
  SET last_seq = c.last_seq + n.added,
    rev = c.rev + n.added,
    last_message_at = greatest(date_trunc('milliseconds', clock_timestamp()), c.last_message_at)
  FROM (SELECT a.conversation_id, count(*) AS added FROM accepted a GROUP BY a.conversation_id) n
  WHERE c.id = n.conversation_id AND c.id = ANY ($9::bigint[])
  RETURNING c.id, n.added, c.last_seq - n.added AS base_seq, c.rev - n.added AS base_rev, c.last_message_at AS at
),
stored AS (
  INSERT INTO messages (
    conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash,
    content, message_type, reply_to_id, metadata, created_at, updated_at
  )
  SELECT a.conversation_id, b.base_seq + a.place, b.base_rev + a.place, b.base_rev + a.place, a.sender_id,
    a.idempotency_key, decode(a.request_hash, 'hex'), a.content, a.message_type, a.reply_to_id, a.metadata::jsonb,
    b.at, b.at
  FROM accepted a
  JOIN bumped b ON b.id = a.conversation_id
  ORDER BY a.conversation_id, a.place
  RETURNING conversation_id, seq, id
),
cursors AS (
  UPDATE participants p
  SET last_read_seq = greatest(p.last_read_seq, own.seq),
    last_read_at = own.at,
    last_delivered_seq = greatest(p.last_delivered_seq, own.seq)
  FROM (
    SELECT a.conversation_id, a.sender_id, max(b.base_seq + a.place) AS seq, max(b.at) AS at
    FROM accepted a
    JOIN bumped b ON b.id = a.conversation_id
    GROUP BY a.conversation_id, a.sender_id
  ) own
  WHERE p.conversation_id = own.conversation_id AND p.user_id = own.sender_id
    AND p.conversation_id = ANY ($9::bigint[])
),
announced AS (
  INSERT INTO outbox (kind, payload)
  SELECT 'messages', jsonb_agg(jsonb_build_array(b.id::text, b.base_seq + 1, b.base_rev + 1, b.added))
  FROM bumped b
  HAVING count(*) > 0
  RETURNING id
)
SELECT j.verdict, m.id, m.seq, b.base_rev + a.place AS rev, b.at AS created_at,
  j.display_name AS sender_name, j.avatar_url AS sender_avatar_url, j.reply_to_content,
  (SELECT o.id FROM announced o) AS outbox_id
FROM judged j
LEFT JOIN accepted a ON a.ord = j.ord
LEFT JOIN bumped b ON b.id = a.conversation_id
LEFT JOIN stored m ON m.conversation_id = a.conversation_id AND m.seq = b.base_seq + a.place
ORDER BY j.ord`;

/** Two ways to meet a conversation that another process holds: leave it for now, or wait for it. */
export const insertMessages = {
  skipping: { name: 'message_insert', text: statement },
  patient: { name: 'message_insert_patient', text: statement.replace('SKIP LOCKED', '') },
} as const;
