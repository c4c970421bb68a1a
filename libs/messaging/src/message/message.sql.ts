import { maxToldParticipants } from '../receipt/receipt';

/** Users that a reaction shows, the first first. */
const shownReactors = 50;

/**
 * The reactions of `m`, by first use; `me` tells whether `viewer`, an SQL expression, is among them.
 *
 * This and the next are expressions, of which the lookup is evaluated only where CASE gets to it: few messages have changed
 * since they were sent, and fewer have attachments.
 */
const reactions = (viewer: string) => `
  CASE WHEN m.rev > m.created_rev AND m.deleted_at IS NULL THEN (
    SELECT json_agg(
      json_build_object('emoji', e.emoji, 'count', e.count, 'user_ids', e.user_ids, 'me', e.me)
      ORDER BY e.first_at, e.emoji
    )
    FROM (
      SELECT r.emoji, count(*) AS count, min(r.created_at) AS first_at, bool_or(r.user_id = ${viewer}) AS me,
        (array_agg(r.user_id ORDER BY r.created_at, r.user_id))[1:${shownReactors}] AS user_ids
      FROM reactions r
      WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq
      GROUP BY r.emoji
    ) e
  ) END`;

const attachments = `
  CASE WHEN m.attachment_count > 0 AND m.deleted_at IS NULL THEN (
    SELECT json_agg(a.view ORDER BY a.position)
    FROM attachments a
    WHERE a.conversation_id = m.conversation_id AND a.seq = m.seq
  ) END`;

const columns = (viewer: string) => `
  m.id, m.conversation_id, m.seq, m.rev, m.created_rev, m.sender_id, m.idempotency_key, m.content, m.message_type,
  m.reply_to_id, m.thread_root_id, m.reply_count, m.last_reply_at, m.replier_ids, m.mentions, m.metadata,
  m.created_at, m.updated_at, m.edited_at, m.deleted_at, m.pinned_at,
  sender.display_name AS sender_name, sender.avatar_url AS sender_avatar_url, reply.content AS reply_to_content,
  ${reactions(viewer)} AS reactions, ${attachments} AS attachments`;

/** What a MessageRow holds; `m` is the message, the rest comes from {@link messageTables}. */
export const messageColumns = columns('NULL');

/**
 * What stands around a message `m`. OFFSET 0 keeps the planner from turning a lookup into a join of whole tables, the
 * test for NULL from looking up what was never asked for.
 */
export const messageTables = `
  CROSS JOIN LATERAL (SELECT u.display_name, u.avatar_url FROM users u WHERE u.id = m.sender_id OFFSET 0) sender
  LEFT JOIN LATERAL (
    SELECT CASE WHEN r.deleted_at IS NULL THEN r.content ELSE '' END AS content FROM messages r
    WHERE m.reply_to_id IS NOT NULL AND r.id = m.reply_to_id AND r.conversation_id = m.conversation_id
    OFFSET 0
  ) reply ON true`;

/**
 * The user `userId` who looks at conversation `id` (both SQL expressions), how far the user and all others have come, and when
 * the last of the others joined: the relation `viewer` that {@link viewedColumns} need, looked up once for a whole page. No row
 * where there is no such conversation. Of a direct one, `peer_id` is the other user.
 */
export const viewerOf = (id: string, userId: string) => `
  SELECT c.id AS conversation_id, c.last_seq, ${userId} AS user_id,
    me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant,
    me.last_read_seq AS read_seq, greatest(me.last_delivered_seq, me.last_read_seq) AS delivered_seq, me.last_read_at,
    others.peer_id, others.peer_read_at, others.joined_at AS others_joined_at,
    others.read_seq AS others_read_seq, others.delivered_seq AS others_delivered_seq
  FROM conversations c
  LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = ${userId}
  LEFT JOIN LATERAL (
    SELECT min(p.last_read_seq) AS read_seq, min(greatest(p.last_delivered_seq, p.last_read_seq)) AS delivered_seq,
      max(p.joined_at) AS joined_at,
      CASE WHEN c.type = 'direct' THEN min(p.user_id) END AS peer_id,
      CASE WHEN c.type = 'direct' THEN min(p.last_read_at) END AS peer_read_at
    FROM participants p
    WHERE c.participant_count <= ${maxToldParticipants}
      AND p.conversation_id = c.id AND p.user_id <> ${userId} AND p.left_at IS NULL
    OFFSET 0
  ) others ON true
  WHERE c.id = ${id} AND c.deleted_at IS NULL
  OFFSET 0`;

/**
 * The time of reading is that of the first receipt that reached the message; until that is in the log, which is written
 * behind, the time of the reader's cursor.
 *
 * What a ViewedMessageRow holds, where there is a `viewer`; the rest comes from {@link viewedTables}. */
export const viewedColumns = `${columns('viewer.user_id')},
  coalesce(m.seq <= seen.read_seq, false) AS is_read, coalesce(m.seq <= seen.delivered_seq, false) AS is_delivered,
  CASE WHEN m.seq <= seen.read_seq THEN coalesce((
    SELECT t.at
    FROM receipts t
    WHERE t.conversation_id = m.conversation_id AND t.user_id = seen.reader_id AND t.kind = 'read' AND t.up_to_seq >= m.seq
    ORDER BY t.up_to_seq
    LIMIT 1
  ), seen.reader_at) END AS read_at`;

/** How far those of the others have come who were in the conversation when `m` was sent: whoever joins begins at its end, unread. */
const earlyOthers = (cursor: string) => `(
      SELECT min(${cursor}) FROM participants p
      WHERE p.conversation_id = m.conversation_id AND p.user_id <> viewer.user_id AND p.left_at IS NULL
        AND p.joined_at <= m.created_at
    )`;

/**
 * {@link messageTables}, and whose reading counts: of an own message that of all others who were there, of another's the
 * viewer's. Few messages are older than the last of the others is there: only for these it is looked at each one.
 */
export const viewedTables = `${messageTables}
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN m.sender_id <> viewer.user_id THEN viewer.read_seq
      WHEN viewer.others_joined_at > m.created_at THEN ${earlyOthers('p.last_read_seq')}
      ELSE viewer.others_read_seq
    END AS read_seq,
    CASE
      WHEN m.sender_id <> viewer.user_id THEN viewer.delivered_seq
      WHEN viewer.others_joined_at > m.created_at THEN ${earlyOthers('greatest(p.last_delivered_seq, p.last_read_seq)')}
      ELSE viewer.others_delivered_seq
    END AS delivered_seq,
      CASE WHEN m.sender_id = viewer.user_id THEN viewer.peer_id ELSE viewer.user_id END AS reader_id,
      CASE WHEN m.sender_id = viewer.user_id THEN viewer.peer_read_at ELSE viewer.last_read_at END AS reader_at
  ) seen`;
