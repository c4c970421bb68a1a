// The tables of the server that is written by hand: a message is a row with an id, found by its conversation, and a repetition
// is refused. Nothing is counted.
const statements = `
  CREATE TABLE by_hand_participants (
    user_id text NOT NULL,
    conversation_id bigint NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
  );
  CREATE TABLE by_hand_messages (
    id bigserial PRIMARY KEY,
    conversation_id bigint NOT NULL,
    sender_id text NOT NULL,
    client_message_id text,
    content text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (sender_id, client_message_id)
  );
  CREATE INDEX ON by_hand_messages (conversation_id, id);`;

const addParticipants = `
  INSERT INTO by_hand_participants (user_id, conversation_id) SELECT unnest($1::text[]), unnest($2::bigint[])`;

/** Values: conversation, sender, the client's id of the message or null, content. */
export const insertMessage = {
  name: 'insert',
  text: `INSERT INTO by_hand_messages (conversation_id, sender_id, client_message_id, content)
         VALUES ($1, $2, $3, $4) RETURNING id, created_at`,
};

/** @param {{ id: string, userIds: string[] }[]} conversations */
export async function createByHandTables(pool, conversations) {
  await pool.query(statements);
  const rows = conversations.flatMap(({ id, userIds }) => userIds.map((userId) => [userId, id]));
  await pool.query(addParticipants, [rows.map(([userId]) => userId), rows.map(([, id]) => id)]);
  await pool.query('ANALYZE by_hand_participants');
}
