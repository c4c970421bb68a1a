/** What a MessageRow holds; `m` is the message, the rest comes from {@link messageTables}. */
export const messageColumns = `
  m.id, m.conversation_id, m.seq, m.rev, m.created_rev, m.sender_id, m.idempotency_key, m.content, m.message_type,
  m.reply_to_id, m.metadata, m.created_at, m.updated_at,
  sender.display_name AS sender_name, sender.avatar_url AS sender_avatar_url, reply.content AS reply_to_content`;

/**
 * What stands around a message `m`. OFFSET 0 keeps the planner from turning a lookup into a join of whole tables, the
 * test for NULL from looking up what was never asked for.
 */
export const messageTables = `
  CROSS JOIN LATERAL (SELECT u.display_name, u.avatar_url FROM users u WHERE u.id = m.sender_id OFFSET 0) sender
  LEFT JOIN LATERAL (
    SELECT r.content FROM messages r
    WHERE m.reply_to_id IS NOT NULL AND r.id = m.reply_to_id AND r.conversation_id = m.conversation_id
    OFFSET 0
  ) reply ON true`;
