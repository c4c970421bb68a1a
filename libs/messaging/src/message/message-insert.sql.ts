/**
 * The write batch: who may, gets the next numbers of its conversation; all in one statement.
 *
 * - `locked` takes the conversations' rows in id order, as every writer of a conversation does first. What it reads of
 *   them is their latest version: nobody else moves their counters before this commits.
 * - `judged` takes the drafts up when all conversations are locked (`HAVING` asks for the last one), and locks the
 *   senders' rows: a plain read would see them as they were before the wait for the conversation, and a message of
 *   somebody who was removed meanwhile would slip in. It decides, lastly by whether the key is that of a message that
 *   waits for its time. `refusal` is NULL of those that are to be stored.
 * - `accepted` puts these in order, and allots to each its seq, its rev and its id; `bumped` moves the conversations'
 *   counters by their number.
 * - Sending is reading: `cursors` takes the sender's own along.
 * - One outbox row points at everything that was stored.
 *
 * Most batches hold nothing but plain messages, and pay for nothing else. The `rich` one does more:
 *
 * - `judged` locks the messages that start the drafts' threads, as it does the senders and for the same reason.
 * - `threads` counts the replies on them, and gives each the `rev` of its newest reply: one event tells of both. The update
 *   starts from the rows' latest versions, whatever the snapshot holds.
 * - `named` and `held` say whom the messages mention and what is attached; a file that is in a message already fails the
 *   statement by its primary key.
 *
 * What the statement costs is rows passed from step to step, so the drafts are joined once, and what is answered is what
 * `accepted` and `judged` hold already. The plan is one of index lookups whatever the statistics say, and is made once:
 *
 * - Lookups are LATERAL with OFFSET 0, or in a CASE that few rows get to.
 * - Of `refusal IS NULL` the planner expects one row: it looks up by index what is to be updated. It would also join the
 *   batch with itself row by row, which therefore nothing does.
 * - A sub-select hides the length of an array from the planner. It would find a plan for the few rows of this batch
 *   cheaper than the one for any batch, each time, and to plan costs more than to write ten messages.
 */
const statement = (more: Additions) => `
WITH ${[locked, judged(more), accepted, bumped, stored(more), cursors(more), ...more.writes, announced].join(',\n')}
${answer}`;

/** What a statement holds beside, by where it goes. */
interface Additions {
  readonly inputTypes: string;
  readonly inputNames: string;
  readonly judgedColumns: string;
  readonly judgedTables: string;
  readonly verdict: string;
  readonly isUnscheduled: string;
  readonly storedColumns: string;
  readonly storedValues: string;
  readonly isReading: string;
  readonly writes: readonly string[];
}

const locked = `locked AS MATERIALIZED (
  SELECT c.*
  FROM (SELECT w.id FROM unnest((SELECT $9::bigint[])) AS w (id) ORDER BY w.id) w
  CROSS JOIN LATERAL (
    SELECT c.id, c.posting, c.deleted_at, c.participant_count, c.last_seq, c.rev, c.last_message_at
    FROM conversations c
    WHERE c.id = w.id
    OFFSET 0
    FOR NO KEY UPDATE OF c SKIP LOCKED
  ) c
)`;

const input = (more: Additions) => `
    SELECT i.*, held.now
    FROM (
      SELECT date_trunc('milliseconds', clock_timestamp()) AS now FROM locked HAVING count(*) >= 0
    ) held
    CROSS JOIN unnest(
      (SELECT $1::bigint[]), $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
      $8::text[]${more.inputTypes}
    ) WITH ORDINALITY AS i (
      conversation_id, sender_id, idempotency_key, request_hash, content, message_type, reply_to_id,
      metadata${more.inputNames}, ord
    )
    OFFSET 0`;

const judged = (more: Additions) => `judged AS MATERIALIZED (
  SELECT i.*, l.last_seq, l.rev AS last_rev, greatest(i.now, l.last_message_at) AS at, l.participant_count,
    p.last_read_seq, u.display_name, u.avatar_url,${more.judgedColumns}
    CASE WHEN i.reply_to_id IS NOT NULL THEN (
      SELECT CASE WHEN m.deleted_at IS NULL THEN m.content ELSE '' END
      FROM messages m
      WHERE m.id = i.reply_to_id AND m.conversation_id = i.conversation_id
    ) END AS reply_to_content,
    CASE
      WHEN l.id IS NULL AND (
        SELECT c.deleted_at IS NULL FROM conversations c WHERE c.id = i.conversation_id
      ) THEN 'skipped'
      WHEN l.id IS NULL OR l.deleted_at IS NOT NULL THEN 'conversation_not_found'
      WHEN p.role IS NULL OR p.left_at IS NOT NULL THEN 'not_a_participant'
      WHEN p.is_muted THEN 'participant_muted'
      WHEN p.is_blocked THEN 'user_blocked'
      WHEN l.posting = 'moderators' AND p.role = 'participant' THEN 'posting_restricted'
      WHEN i.reply_to_id IS NOT NULL AND (
        SELECT m.id FROM messages m WHERE m.id = i.reply_to_id AND m.conversation_id = i.conversation_id
      ) IS NULL THEN 'reply_target_not_found'
      ${more.verdict}
      WHEN ${more.isUnscheduled}(
        SELECT true
        FROM scheduled_messages w
        WHERE w.conversation_id = i.conversation_id AND w.sender_id = i.sender_id
          AND w.idempotency_key = i.idempotency_key
        LIMIT 1
      ) THEN 'idempotency_mismatch'
    END AS refusal
  FROM (${input(more)}
  ) i
  LEFT JOIN locked l ON l.id = i.conversation_id
  LEFT JOIN LATERAL (
    SELECT p.role, p.is_muted, p.is_blocked, p.left_at, p.last_read_seq
    FROM participants p
    WHERE p.conversation_id = l.id AND p.user_id = i.sender_id
    OFFSET 0
    FOR NO KEY UPDATE OF p
  ) p ON true
  LEFT JOIN LATERAL (SELECT u.display_name, u.avatar_url FROM users u WHERE u.id = i.sender_id OFFSET 0) u ON true
  ${more.judgedTables}
)`;

/** The id comes from the column's own sequence, after the order is clear: within a conversation ids rise with seq. */
const accepted = `accepted AS MATERIALIZED (
  SELECT j.*, j.last_seq + j.place AS seq, j.last_rev + j.place AS rev, nextval('messages_id_seq') AS id
  FROM (
    SELECT j.*, row_number() OVER (PARTITION BY j.conversation_id ORDER BY j.ord) AS place
    FROM judged j
    WHERE j.refusal IS NULL
  ) j
)`;

const bumped = `bumped AS (
  UPDATE conversations c
  SET last_seq = c.last_seq + n.added, rev = c.rev + n.added, last_message_at = n.at
  FROM (
    SELECT a.conversation_id, count(*) AS added, max(a.at) AS at FROM accepted a GROUP BY a.conversation_id
  ) n
  WHERE c.id = n.conversation_id
  RETURNING c.id, n.added, c.last_seq - n.added AS base_seq, c.rev - n.added AS base_rev
)`;

const stored = (more: Additions) => `stored AS (
  INSERT INTO messages (
    conversation_id, seq, id, rev, created_rev, sender_id, idempotency_key, request_hash,
    content, message_type, reply_to_id, metadata, created_at, updated_at${more.storedColumns}
  )
  SELECT a.conversation_id, a.seq, a.id, a.rev, a.rev, a.sender_id, a.idempotency_key, decode(a.request_hash, 'hex'),
    a.content, a.message_type, a.reply_to_id, a.metadata::jsonb, a.at, a.at${more.storedValues}
  FROM accepted a
)`;

const cursors = (more: Additions) => `cursors AS (
  UPDATE participants p
  SET last_read_seq = greatest(p.last_read_seq, own.seq),
    last_read_at = own.at,
    last_delivered_seq = greatest(p.last_delivered_seq, own.seq)
  FROM (
    SELECT a.conversation_id, a.sender_id, max(a.seq) AS seq, max(a.at) AS at
    FROM accepted a
    ${more.isReading}
    GROUP BY a.conversation_id, a.sender_id
  ) own
  WHERE p.conversation_id = own.conversation_id AND p.user_id = own.sender_id
)`;

const announced = `announced AS (
  INSERT INTO outbox (kind, payload)
  SELECT 'messages', jsonb_agg(jsonb_build_array(b.id::text, b.base_seq + 1, b.base_rev + 1, b.added))
  FROM bumped b
  HAVING count(*) > 0
  RETURNING id
)`;

const answer = `SELECT a.ord::int4 AS place, 'accepted' AS verdict, a.id, a.seq, a.rev, a.at AS created_at,
  a.display_name AS sender_name, a.avatar_url AS sender_avatar_url, a.reply_to_content,
  a.last_read_seq AS sender_read_seq, a.participant_count,
  (SELECT o.id FROM announced o) AS outbox_id
FROM accepted a
UNION ALL
SELECT j.ord::int4, j.refusal, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM judged j
WHERE j.refusal IS NOT NULL`;

const root = `LEFT JOIN LATERAL (
    SELECT t.seq
    FROM messages t
    WHERE i.thread_root_id IS NOT NULL AND t.id = i.thread_root_id AND t.conversation_id = l.id
      AND t.deleted_at IS NULL AND t.thread_root_id IS NULL
    OFFSET 0
    FOR NO KEY UPDATE OF t
  ) t ON true`;

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
    SELECT a.conversation_id, a.root_seq, count(*) AS added, max(a.at) AS at, max(a.rev) AS rev,
      array_agg(a.sender_id ORDER BY a.place) AS replier_ids
    FROM accepted a
    WHERE a.root_seq IS NOT NULL
    GROUP BY a.conversation_id, a.root_seq
  ) r
  WHERE m.conversation_id = r.conversation_id AND m.seq = r.root_seq
)`;

const named = `named AS (
  INSERT INTO mentions (conversation_id, user_id, seq)
  SELECT a.conversation_id, n.user_id, a.seq
  FROM accepted a
  CROSS JOIN LATERAL jsonb_array_elements_text(a.mention_rows::jsonb) AS n (user_id)
)`;

const held = `held AS (
  INSERT INTO attachments (file_id, conversation_id, seq, position, kind, view)
  SELECT f.view ->> 'id', a.conversation_id, a.seq, f.place - 1, f.view ->> 'kind', f.view
  FROM accepted a
  CROSS JOIN LATERAL jsonb_array_elements(a.attachments::jsonb) WITH ORDINALITY AS f (view, place)
)`;

const nothing: Additions = {
  inputTypes: '',
  inputNames: '',
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
  judgedColumns: ' t.seq AS root_seq,',
  judgedTables: root,
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
