import { participantJson } from '../participant/participant.mapper';

/** Characters that lists show of the last message. */
const shortContent = 200;

/**
 * Messages above the reader's cursor that others sent. A send takes the sender's own cursor along, so all above it are
 * others'.
 */
const unreadCount = `greatest(c.last_seq - me.last_read_seq, 0)`;

/** What a ConversationRow holds; `c` is the conversation, the rest comes from {@link conversationTables}. */
export const conversationColumns = `
  c.id, c.type, c.title, c.description, c.avatar_url, c.visibility, c.posting, c.metadata, c.created_by, c.created_at,
  c.updated_at, c.last_message_at, c.last_seq, c.rev, c.participant_count, c.deleted_at,
  last.message AS last_message, coalesce(people.list, '[]'::json) AS participants`;

/** What `me`, a participant, sees of it. */
export const viewerColumns = `
  me.role AS my_role, me.is_muted, me.is_archived, me.last_read_seq, ${unreadCount} AS unread_count`;

/** What stands around a conversation `c`: its last message and its first `participantLimit` participants, by user id. */
export const conversationTables = (participantLimit: number) => `
  LEFT JOIN LATERAL (
    SELECT json_build_object(
      'id', m.id::text, 'seq', m.seq, 'sender_id', m.sender_id, 'sender_name', u.display_name,
      'content', left(m.content, ${shortContent}), 'message_type', m.message_type, 'created_at', m.created_at
    ) AS message
    FROM messages m
    JOIN users u ON u.id = m.sender_id
    WHERE m.conversation_id = c.id AND m.seq = c.last_seq
    OFFSET 0
  ) last ON true
  CROSS JOIN LATERAL (
    SELECT json_agg(${participantJson} ORDER BY p.user_id) AS list
    FROM (
      SELECT p.*
      FROM participants p
      WHERE p.conversation_id = c.id AND p.left_at IS NULL
      ORDER BY p.user_id
      LIMIT ${participantLimit}
    ) p
    JOIN users u ON u.id = p.user_id
  ) people`;
