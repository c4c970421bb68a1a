// What is stored in the end, read past everything that is judged.
import pg from 'pg';

/**
 * Notes who came into a conversation and who left, and every rev that a transaction gave to a change: the tables themselves
 * keep the last of it only.
 */
const audit = `
  CREATE SCHEMA chaos;
  CREATE TABLE chaos.memberships (
    id bigint GENERATED ALWAYS AS IDENTITY, conversation_id bigint, user_id text, rev bigint, is_in boolean,
    at timestamptz DEFAULT clock_timestamp()
  );
  CREATE TABLE chaos.revs (
    conversation_id bigint, rev bigint, transaction xid8 DEFAULT pg_current_xact_id(),
    PRIMARY KEY (conversation_id, rev, transaction)
  );
  CREATE FUNCTION chaos.note_membership() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' OR (OLD.left_at IS NULL) <> (NEW.left_at IS NULL) THEN
      INSERT INTO chaos.memberships (conversation_id, user_id, rev, is_in)
      VALUES (NEW.conversation_id, NEW.user_id, NEW.rev, NEW.left_at IS NULL);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_membership AFTER INSERT OR UPDATE ON participants
  FOR EACH ROW EXECUTE FUNCTION chaos.note_membership();
  CREATE FUNCTION chaos.note_rev() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    old_row jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
    new_row jsonb := to_jsonb(NEW);
  BEGIN
    IF old_row IS NULL OR old_row -> TG_ARGV[1] <> new_row -> TG_ARGV[1] THEN
      INSERT INTO chaos.revs (conversation_id, rev)
      VALUES ((new_row ->> TG_ARGV[0])::bigint, (new_row ->> TG_ARGV[1])::bigint)
      ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_rev AFTER INSERT OR UPDATE ON messages
  FOR EACH ROW EXECUTE FUNCTION chaos.note_rev('conversation_id', 'rev');
  CREATE TRIGGER note_rev AFTER INSERT OR UPDATE ON participants
  FOR EACH ROW EXECUTE FUNCTION chaos.note_rev('conversation_id', 'rev');
  CREATE TRIGGER note_rev AFTER INSERT OR UPDATE ON conversations
  FOR EACH ROW EXECUTE FUNCTION chaos.note_rev('id', 'details_rev')`;

const conversations = `
  SELECT c.id::text, c.last_seq::int AS "lastSeq", c.rev::int
  FROM conversations c WHERE c.id > $1 AND c.deleted_at IS NULL`;

const standings = `
  SELECT c.id::text, c.last_seq::int AS "lastSeq", c.rev::int,
    array(SELECT p.user_id FROM participants p WHERE p.conversation_id = c.id AND p.left_at IS NULL) AS members
  FROM conversations c WHERE c.id > $1 AND c.deleted_at IS NULL`;

const messages = `
  SELECT m.conversation_id::text AS "conversationId", m.id::text, m.seq::int, m.rev::int, m.created_rev::int AS "createdRev",
    m.sender_id AS "senderId", m.content,
    CASE WHEN m.idempotency_key LIKE 'c%' THEN substr(m.idempotency_key, 2) END AS "clientMessageId",
    m.edited_at IS NOT NULL AS "isEdited", m.deleted_at IS NOT NULL AS "isDeleted",
    coalesce((
      SELECT jsonb_object_agg(by_emoji.emoji, by_emoji.users)
      FROM (
        SELECT r.emoji, jsonb_agg(r.user_id ORDER BY r.user_id COLLATE "C") AS users
        FROM reactions r WHERE r.conversation_id = m.conversation_id AND r.seq = m.seq
        GROUP BY r.emoji
      ) by_emoji
    ), '{}') AS reactions,
    array(
      SELECT a.file_id::text FROM attachments a
      WHERE a.conversation_id = m.conversation_id AND a.seq = m.seq AND m.deleted_at IS NULL ORDER BY a.position
    ) AS attachments
  FROM messages m WHERE m.conversation_id > $1
  ORDER BY m.conversation_id, m.seq`;

const participants = `
  SELECT p.conversation_id::text AS "conversationId", p.user_id AS "userId", p.rev::int, p.left_at IS NULL AS "isIn",
    p.last_read_seq::int AS "lastReadSeq"
  FROM participants p WHERE p.conversation_id > $1`;

const memberships = `
  SELECT a.conversation_id::text AS "conversationId", a.user_id AS "userId", a.rev::int, a.is_in AS "isIn",
    extract(epoch FROM a.at)::float8 * 1000 AS at
  FROM chaos.memberships a WHERE a.conversation_id > $1
  ORDER BY a.id`;

const revs = `
  SELECT r.conversation_id::text AS "conversationId", r.rev::int
  FROM chaos.revs r WHERE r.conversation_id > $1
  ORDER BY r.conversation_id, r.rev`;

/** By the definition of the promise, message by message. */
const unread = `
  SELECT p.user_id AS "userId", p.conversation_id::text AS "conversationId", (
    SELECT count(*)::int FROM messages m
    WHERE m.conversation_id = p.conversation_id AND m.seq > p.last_read_seq AND m.sender_id <> p.user_id
      AND m.deleted_at IS NULL
  ) AS counted
  FROM participants p JOIN conversations c ON c.id = p.conversation_id AND c.deleted_at IS NULL
  WHERE p.conversation_id > $1 AND p.left_at IS NULL`;

/** The database of the run. Each question has a connection of its own: the server is restarted in between. */
export class RunDatabase {
  #url;

  constructor(url) {
    this.#url = url;
  }

  async prepare() {
    await this.#query(audit);
  }

  /** What comes later belongs to the round that begins now. */
  async lastConversation() {
    const [{ last }] = await this.#query('SELECT coalesce(max(c.id), 0)::text AS last FROM conversations c');
    return last;
  }

  /** Where each conversation stands, and who is in it. */
  standings(after) {
    return this.#query(standings, [after]);
  }

  async outboxRows() {
    const [{ count }] = await this.#query('SELECT count(*)::int AS count FROM outbox');
    return count;
  }

  unread(after) {
    return this.#query(unread, [after]);
  }

  /** @returns all conversations that are younger than `after`, as the checker takes them */
  async history(after) {
    const found = await this.#query(conversations, [after]);
    const parts = {
      messages: byConversation(await this.#query(messages, [after])),
      participants: byConversation(await this.#query(participants, [after])),
      memberships: byConversation(await this.#query(memberships, [after])),
    };
    const given = byConversation(await this.#query(revs, [after]));
    return found.map((conversation) => ({
      ...conversation,
      revs: (given.get(conversation.id) ?? []).map(({ rev }) => rev),
      ...Object.fromEntries(Object.entries(parts).map(([name, rows]) => [name, rows.get(conversation.id) ?? []])),
    }));
  }

  async #query(text, values) {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }
}

function byConversation(rows) {
  const groups = new Map();
  for (const { conversationId, ...row } of rows) {
    if (!groups.has(conversationId)) groups.set(conversationId, []);
    groups.get(conversationId).push(row);
  }
  return groups;
}
