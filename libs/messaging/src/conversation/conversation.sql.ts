import { participantJson, participantUser } from '../participant/participant.mapper';

/** Characters that lists show of the last message. */
const shortContent = 200;

/**
 * Of a message `m` above the cursor of a participant `me`: is it none that the participant has to read? Deleted ones are
 * none, nor are the participant's own, which only the schedule puts above the cursor: a send takes it along. Read from
 * `messages_uncounted_idx`, which holds those messages alone.
 */
const isUncounted = `
  (m.deleted_at IS NOT NULL OR m.is_scheduled) AND (m.deleted_at IS NOT NULL OR m.sender_id = me.user_id)`;

/** Messages of `c` above the cursor of its participant `me` that others sent and nobody deleted. */
export const unreadCount = `
  CASE WHEN c.last_seq > me.last_read_seq THEN c.last_seq - me.last_read_seq - (
    SELECT count(*)
    FROM messages m
    WHERE m.conversation_id = c.id AND m.seq > me.last_read_seq AND ${isUncounted}
  ) ELSE 0 END`;

/** Those of them that mention `me`, by name or as everybody; each once. */
export const mentionCount = `
  CASE WHEN c.last_seq > me.last_read_seq THEN (
    SELECT count(*)
    FROM (
      SELECT named.seq
      FROM mentions named
      WHERE named.conversation_id = c.id AND named.user_id = me.user_id AND named.seq > me.last_read_seq
      UNION
      SELECT everybody.seq
      FROM mentions everybody
      WHERE everybody.conversation_id = c.id AND everybody.user_id = '' AND everybody.seq > me.last_read_seq
    ) mention
    WHERE NOT EXISTS (
      SELECT FROM messages m WHERE m.conversation_id = c.id AND m.seq = mention.seq AND ${isUncounted} OFFSET 0
    )
  ) ELSE 0 END`;

/** Is `c` in the list of `me`? Not after leaving it; a hidden direct conversation comes back with its next message. */
export const isListed = `
  me.left_at IS NULL AND c.deleted_at IS NULL AND (me.hidden_seq IS NULL OR c.last_seq > me.hidden_seq)`;

/** What describes a conversation `c` to anybody: a ConversationDescriptionRow. */
export const descriptionColumns = `
  c.id, c.type, c.title, c.description, c.avatar_url, c.visibility, c.posting, c.metadata, c.created_by, c.created_at,
  c.updated_at, c.last_message_at, c.participant_count`;

/** What a ConversationRow holds; `c` is the conversation, the rest comes from {@link conversationTables}. */
export const conversationColumns = `
  ${descriptionColumns}, c.last_seq, c.rev, c.deleted_at,
  last.message AS last_message, coalesce(people.list, '[]'::json) AS participants`;

/** What `me`, a participant, sees of it. */
export const viewerColumns = `
  me.role AS my_role, me.is_muted, me.is_archived, me.notifications, me.last_read_seq,
  ${unreadCount} AS unread_count, ${mentionCount} AS mention_count`;

/**
 * What stands around a conversation `c`: its last message and its first `participantLimit` participants, by user id.
 *
 * Participants are asked for by a place to start from: then they come in the order of the index, and a large conversation
 * costs no more than a small one. Of an equal `conversation_id` the planner expects so few that it would sort all of them.
 */
export const conversationTables = (participantLimit: number) => `
  LEFT JOIN LATERAL (
    SELECT json_build_object(
      'id', m.id::text, 'seq', m.seq, 'sender_id', m.sender_id, 'sender_name', u.display_name,
      'content', CASE WHEN m.deleted_at IS NULL THEN left(m.content, ${shortContent}) ELSE '' END,
      'message_type', m.message_type, 'created_at', m.created_at, 'is_deleted', m.deleted_at IS NOT NULL
    ) AS message
    FROM messages m
    CROSS JOIN LATERAL (SELECT u.display_name FROM users u WHERE u.id = m.sender_id OFFSET 0) u
    WHERE m.conversation_id = c.id AND m.seq = c.last_seq
    OFFSET 0
  ) last ON true
  CROSS JOIN LATERAL (
    SELECT json_agg(${participantJson} ORDER BY p.user_id) AS list
    FROM (
      SELECT p.*
      FROM participants p
      WHERE (p.conversation_id, p.user_id) > (c.id, '') AND p.conversation_id <= c.id AND p.left_at IS NULL
      ORDER BY p.conversation_id, p.user_id
      LIMIT ${participantLimit}
    ) p
    ${participantUser}
  ) people`;
