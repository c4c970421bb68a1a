/**
 * Who may see whom: those who share a conversation, where the one who is seen does not block the viewer. Each subquery with
 * an OFFSET 0 is looked up for one user by an index, whatever the planner thinks of the tables' sizes.
 */

/** True for `u`, if the viewer $1 is not blocked by that user. */
const isNotBlocking = `NOT EXISTS (
  SELECT FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = $1 OFFSET 0
)`;

const sharesConversation = `EXISTS (
  SELECT FROM participants theirs
  CROSS JOIN LATERAL (
    SELECT mine.conversation_id FROM participants mine
    WHERE mine.conversation_id = theirs.conversation_id AND mine.user_id = $1 AND mine.left_at IS NULL
    OFFSET 0
  ) mine
  CROSS JOIN LATERAL (
    SELECT c.id FROM conversations c WHERE c.id = mine.conversation_id AND c.deleted_at IS NULL OFFSET 0
  ) c
  WHERE theirs.user_id = u.id AND theirs.left_at IS NULL
  OFFSET 0
)`;

const wantedUser = `CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = wanted.id OFFSET 0) u`;

/** $1 viewer, $2 users, $3 whether they are known to share a conversation. Users always see themselves. */
export const describePeers = `
  SELECT u.id, u.last_seen, u.status_text
  FROM unnest($2::text[]) AS wanted (id)
  ${wantedUser}
  WHERE u.id = $1 OR (${isNotBlocking} AND ($3::boolean OR ${sharesConversation}))`;

/** $1 viewer, $2 conversations. */
export const listOwnConversations = `
  SELECT wanted.id
  FROM unnest($2::bigint[]) AS wanted (id)
  WHERE EXISTS (
    SELECT FROM participants p
    WHERE p.conversation_id = wanted.id AND p.user_id = $1 AND p.left_at IS NULL
    OFFSET 0
  )`;

/**
 * $1 viewer, $2 the last user before, $3 how many. The first of all conversations together are among the first of each, so
 * that no conversation is read beyond what one page can show.
 */
export const listPeers = `
  SELECT u.id, u.username, u.display_name, u.avatar_url
  FROM (
    SELECT DISTINCT theirs.user_id AS id
    FROM participants mine
    CROSS JOIN LATERAL (
      SELECT c.id FROM conversations c WHERE c.id = mine.conversation_id AND c.deleted_at IS NULL OFFSET 0
    ) c
    CROSS JOIN LATERAL (
      SELECT p.user_id
      FROM participants p
      CROSS JOIN LATERAL (SELECT p.user_id AS id) u
      WHERE p.conversation_id = c.id AND p.user_id > $2 AND p.user_id <> $1 AND p.left_at IS NULL AND ${isNotBlocking}
      ORDER BY p.user_id
      LIMIT $3
    ) theirs
    WHERE mine.user_id = $1 AND mine.left_at IS NULL
    ORDER BY id
    LIMIT $3
  ) wanted
  ${wantedUser}
  ORDER BY u.id`;

/** $1 viewer, $2 conversation, $3 the last user before, $4 how many. One row at least where the conversation is there. */
export const listVisibleParticipants = `
  WITH access AS MATERIALIZED (
    SELECT c.id, c.last_seq, c.rev, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
    FROM conversations c
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $1
    WHERE c.id = $2 AND c.deleted_at IS NULL
  )
  SELECT a.is_participant, a.last_seq, a.rev, page.id, page.username, page.display_name, page.avatar_url
  FROM access a
  LEFT JOIN LATERAL (
    SELECT u.id, u.username, u.display_name, u.avatar_url
    FROM participants p
    CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = p.user_id OFFSET 0) u
    WHERE p.conversation_id = a.id AND a.is_participant AND p.left_at IS NULL AND p.user_id > $3 AND ${isNotBlocking}
    ORDER BY p.user_id
    LIMIT $4
  ) page ON true
  ORDER BY page.id`;

/** $1 conversations, $2 the most participants that one may have. */
export const listAudiences = `
  SELECT wanted.id, coalesce(people.ids, '[]'::json) AS user_ids
  FROM unnest($1::bigint[]) AS wanted (id)
  LEFT JOIN LATERAL (
    SELECT json_agg(p.user_id) AS ids
    FROM conversations c
    JOIN participants p ON p.conversation_id = c.id AND p.left_at IS NULL
    WHERE c.id = wanted.id AND c.deleted_at IS NULL AND c.participant_count <= $2
    OFFSET 0
  ) people ON true`;

/** $1 users. */
export const listBlockers = `
  SELECT wanted.id, coalesce(blockers.ids, '[]'::json) AS user_ids
  FROM unnest($1::text[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT json_agg(b.blocker_id) AS ids FROM blocks b WHERE b.blocked_id = wanted.id OFFSET 0
  ) blockers`;

/** $1 conversation, $2 user. */
export const findVoice = `
  SELECT c.posting, p.user_id, p.role, p.is_muted, p.is_blocked, p.left_at
  FROM conversations c
  LEFT JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

/** $1 users, $2 times. Locked in the order of ids, because several processes may write at once. */
export const saveLastSeen = `
  WITH seen AS MATERIALIZED (
    SELECT u.id, asked.at
    FROM (SELECT given.id, given.at FROM unnest($1::text[], $2::timestamptz[]) AS given (id, at) ORDER BY given.id) asked
    CROSS JOIN LATERAL (
      SELECT u.id FROM users u
      WHERE u.id = asked.id AND (u.last_seen IS NULL OR u.last_seen < asked.at)
      FOR NO KEY UPDATE OF u
    ) u
  )
  UPDATE users u SET last_seen = seen.at FROM seen WHERE u.id = seen.id`;
