/**
 * The write batch: who may, gets the next numbers of its conversation; all in one statement.
 *
 * - `locked` takes the conversations' rows in id order, as every writer of a conversation does first. What it reads of
 *   them is their latest version.
 * - `sender` locks the senders' rows: a plain read would see them as they were before the wait for the conversation, and a
 *   message of somebody who was removed meanwhile would slip in.
 * - `judged` decides, lastly by whether the key is that of a message that waits for its time; `accepted` puts the rest in order; `bumped` moves the conversations' counters by that many.
 * - Sending is reading: `cursors` takes the sender's own along.
 * - One outbox row points at everything that was stored.
 *
 * Most batches hold nothing but plain messages, and pay for nothing else. The `rich` one does more:
 *
 * - `root` locks the messages that start the drafts' threads, as `sender` does and for the same reason.
 * - `threads` counts the replies on them, and gives each the `rev` of its newest reply: one event tells of both. The update
 *   starts from the rows' latest versions, whatever the snapshot holds.
 * - `named` and `held` say whom the messages mention and what is attached; a file that is in a message already fails the
 *   statement by its primary key.
 *
 * Lookups are LATERAL with OFFSET 0, and updates name the conversations once more, so that the plan stays one of index
 * lookups whatever the statistics say. `is_accepted` is a column of its own because the planner expects one row of a
 * comparison with a text, and would join the batch with itself row by row.
 */
const statement = (more: Additions) => `
WITH ${[
  input(more),
  locked,
  sender,
  ...more.beforeJudgement,
  judged(more),
  accepted,
  bumped,
  stored(more),
  cursors(more),
  ...more.writes,
  announced,
].join(',\n')}
${answer}`;

/** What a statement holds beside, by where it goes. */
interface Additions {
  readonly inputTypes: string;
  readonly inputNames: string;
  readonly beforeJudgement: readonly string[];
  readonly judgedColumns: string;
  readonly judgedTables: string;
  readonly verdict: string;
  readonly isUnscheduled: string;
  readonly storedColumns: string;
  readonly storedValues: string;
  readonly isReading: string;
  readonly writes: readonly string[];
}

const input = (more: Additions) => `input AS MATERIALIZED (
  SELECT i.*
  FROM unnest(
    $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[]${more.inputTypes}
  ) WITH ORDINALITY AS i (
    conversation_id, sender_id, idempotency_key, request_hash, content, message_type, reply_to_id, metadata${more.inputNames}, ord
  )
)`;

const locked = `locked AS MATERIALIZED (
  SELECT c.id, c.posting, c.deleted_at, c.participant_count
  FROM conversations c
  WHERE c.id = ANY ($9::bigint[])
  ORDER BY c.id
  FOR NO KEY UPDATE OF c SKIP LOCKED
)`;

const sender = `sender AS MATERIALIZED (
  SELECT i.ord, p.role, p.is_muted, p.is_blocked, p.left_at, p.last_read_seq, u.display_name, u.avatar_url
  FROM input i
  JOIN locked l ON l.id = i.conversation_id
  CROSS JOIN LATERAL (
    SELECT p.role, p.is_muted, p.is_blocked, p.left_at, p.last_read_seq
    FROM participants p
    WHERE p.conversation_id = l.id AND p.user_id = i.sender_id
    OFFSET 0
    FOR NO KEY UPDATE OF p
  ) p
  CROSS JOIN LATERAL (SELECT u.display_name, u.avatar_url FROM users u WHERE u.id = i.sender_id OFFSET 0) u
)`;

const judged = (more: Additions) => `judged AS MATERIALIZED (
  SELECT i.*, s.display_name, s.avatar_url, s.last_read_seq, l.participant_count, r.content AS reply_to_content,${more.judgedColumns}
    v.verdict, v.verdict = 'accepted' AS is_accepted
  FROM input i
  LEFT JOIN locked l ON l.id = i.conversation_id
  LEFT JOIN sender s ON s.ord = i.ord
  ${more.judgedTables}
  LEFT JOIN LATERAL (
    SELECT m.id, CASE WHEN m.deleted_at IS NULL THEN m.content ELSE '' END AS content
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
      WHEN s.is_blocked THEN 'user_blocked'
      WHEN l.posting = 'moderators' AND s.role = 'participant' THEN 'posting_restricted'
      WHEN i.reply_to_id IS NOT NULL AND r.id IS NULL THEN 'reply_target_not_found'
      ${more.verdict}
      WHEN ${more.isUnscheduled}(
        SELECT true
        FROM scheduled_messages w
        WHERE w.conversation_id = i.conversation_id AND w.sender_id = i.sender_id
          AND w.idempotency_key = i.idempotency_key
        LIMIT 1
      ) THEN 'idempotency_mismatch'
      ELSE 'accepted'
    END AS verdict
    OFFSET 0
  ) v
)`;

const accepted = `accepted AS MATERIALIZED (
  SELECT j.*, row_number() OVER (PARTITION BY j.conversation_id ORDER BY j.ord) AS place
  FROM judged j
  WHERE j.is_accepted
)`;

const bumped = `bumped AS (
  UPDATE conversations c
  SET last_seq = c.last_seq + n.added,
    rev = c.rev + n.added,
    last_message_at = greatest(date_trunc('milliseconds', clock_timestamp()), c.last_message_at)
  FROM (SELECT a.conversation_id, count(*) AS added FROM accepted a GROUP BY a.conversation_id) n
  WHERE c.id = n.conversation_id AND c.id = ANY ($9::bigint[])
  RETURNING c.id, n.added, c.last_seq - n.added AS base_seq, c.rev - n.added AS base_rev, c.last_message_at AS at
)`;

const stored = (more: Additions) => `stored AS (
  INSERT INTO messages (
    conversation_id, seq, rev, created_rev, sender_id, idempotency_key, request_hash,
    content, message_type, reply_to_id, metadata, created_at, updated_at${more.storedColumns}
  )
  SELECT a.conversation_id, b.base_seq + a.place, b.base_rev + a.place, b.base_rev + a.place, a.sender_id,
    a.idempotency_key, decode(a.request_hash, 'hex'), a.content, a.message_type, a.reply_to_id, a.metadata::jsonb,
    b.at, b.at${more.storedValues}
  FROM accepted a
  JOIN bumped b ON b.id = a.conversation_id
  ORDER BY a.conversation_id, a.place
  RETURNING conversation_id, seq, id
)`;

const cursors = (more: Additions) => `cursors AS (
  UPDATE participants p
  SET last_read_seq = greatest(p.last_read_seq, own.seq),
    last_read_at = own.at,
    last_delivered_seq = greatest(p.last_delivered_seq, own.seq)
  FROM (
    SELECT a.conversation_id, a.sender_id, max(b.base_seq + a.place) AS seq, max(b.at) AS at
    FROM accepted a
    JOIN bumped b ON b.id = a.conversation_id
    ${more.isReading}
    GROUP BY a.conversation_id, a.sender_id
  ) own
  WHERE p.conversation_id = own.conversation_id AND p.user_id = own.sender_id
    AND p.conversation_id = ANY ($9::bigint[])
)`;

const announced = `announced AS (
  INSERT INTO outbox (kind, payload)
  SELECT 'messages', jsonb_agg(jsonb_build_array(b.id::text, b.base_seq + 1, b.base_rev + 1, b.added))
  FROM bumped b
  HAVING count(*) > 0
  RETURNING id
)`;

const answer = `SELECT j.verdict, m.id, m.seq, b.base_rev + a.place AS rev, b.at AS created_at,
  j.display_name AS sender_name, j.avatar_url AS sender_avatar_url, j.reply_to_content,
  j.last_read_seq AS sender_read_seq, j.participant_count,
  (SELECT o.id FROM announced o) AS outbox_id
FROM judged j
LEFT JOIN accepted a ON a.ord = j.ord
LEFT JOIN bumped b ON b.id = a.conversation_id
LEFT JOIN stored m ON m.conversation_id = a.conversation_id AND m.seq = b.base_seq + a.place
ORDER BY j.ord`;

const root = `root AS MATERIALIZED (
  SELECT i.ord, t.seq
  FROM input i
  JOIN locked l ON l.id = i.conversation_id
  CROSS JOIN LATERAL (
    SELECT t.seq
    FROM messages t
    WHERE i.thread_root_id IS NOT NULL AND t.id = i.thread_root_id AND t.conversation_id = l.id
      AND t.deleted_at IS NULL AND t.thread_root_id IS NULL
    OFFSET 0
    FOR NO KEY UPDATE OF t
  ) t
)`;

/** Users that a thread's root names, the first to reply first. */
const maxRepliers = 50;

const threads = `threads AS (
  UPDATE messages m
  SET reply_count = m.reply_count + r.added,
    last_reply_at = r.at,
    rev = r.rev,
    replier_ids = CASE WHEN m.replier_ids @> r.replier_ids THEN m.replier_ids ELSE (
      SELECT (array_agg(one.user_id ORDER BY one.place))[1:${maxRepliers}]
      FROM (
        SELECT said.user_id, min(said.place) AS place
        FROM unnest(m.replier_ids || r.replier_ids) WITH ORDINALITY AS said (user_id, place)
        GROUP BY said.user_id
      ) one
    ) END
  FROM (
    SELECT a.conversation_id, a.root_seq, count(*) AS added, max(b.at) AS at, max(b.base_rev + a.place) AS rev,
      array_agg(a.sender_id ORDER BY a.place) AS replier_ids
    FROM accepted a
    JOIN bumped b ON b.id = a.conversation_id
    WHERE a.root_seq IS NOT NULL
    GROUP BY a.conversation_id, a.root_seq
  ) r
  WHERE m.conversation_id = r.conversation_id AND m.seq = r.root_seq AND m.conversation_id = ANY ($9::bigint[])
)`;

const named = `named AS (
  INSERT INTO mentions (conversation_id, user_id, seq)
  SELECT a.conversation_id, n.user_id, b.base_seq + a.place
  FROM accepted a
  JOIN bumped b ON b.id = a.conversation_id
  CROSS JOIN LATERAL jsonb_array_elements_text(a.mention_rows::jsonb) AS n (user_id)
)`;

const held = `held AS (
  INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
  SELECT f.view ->> 'id', a.conversation_id, b.base_seq + a.place, f.place - 1, f.view ->> 'kind', f.view
  FROM accepted a
  JOIN bumped b ON b.id = a.conversation_id
  CROSS JOIN LATERAL jsonb_array_elements(a.attachments::jsonb) WITH ORDINALITY AS f (view, place)
)`;

const nothing: Additions = {
  inputTypes: '',
  inputNames: '',
  beforeJudgement: [],
  judgedColumns: '',
  judgedTables: '',
  verdict: '',
  isUnscheduled: '',
  storedColumns: '',
  storedValues: '',
  isReading: '',
  writes: [],
};

const rich: Additions = {
  inputTypes: `, $10::bigint[], $11::text[], $12::text[],
    $13::text[], $14::boolean[]`,
  inputNames: `, thread_root_id, mentions, mention_rows,
    attachments, is_scheduled`,
  beforeJudgement: [root],
  judgedColumns: ' t.seq AS root_seq,',
  judgedTables: ' LEFT JOIN root t ON t.ord = i.ord',
  verdict: `WHEN i.thread_root_id IS NOT NULL AND t.seq IS NULL THEN 'thread_root_not_found'`,
  isUnscheduled: 'NOT i.is_scheduled AND ',
  storedColumns: ', thread_root_id, mentions, attachment_count, is_scheduled',
  storedValues: `, a.thread_root_id, ARRAY(SELECT jsonb_array_elements_text(a.mentions::jsonb)),
    jsonb_array_length(a.attachments::jsonb), a.is_scheduled`,
  isReading: 'WHERE NOT a.is_scheduled',
  writes: [threads, named, held],
};

/** Two ways to meet a conversation that another process holds: leave it for now, or wait for it. */
const bothWays = (name: string, text: string) => ({
  skipping: { name, text },
  patient: { name: `${name}_patient`, text: text.replace('SKIP LOCKED', '') },
});

export const insertMessages = {
  plain: bothWays('message_insert', statement(nothing)),
  /** For batches that hold a message that is in a thread, mentions somebody, has attachments, or was scheduled. */
  rich: bothWays('message_insert_rich', statement(rich)),
} as const;
