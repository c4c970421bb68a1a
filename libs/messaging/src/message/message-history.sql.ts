import { viewedColumns, viewedTables, viewerOf } from './message.sql';

/**
 * One page for one reader: membership, the place that the page starts from, and the messages, in one look at the
 * database.
 *
 * Parameters: conversation, reader, message and seq of the place (each may be null), offset, limit; and the thread's root.
 */
const history = (page: string, order: 'ASC' | 'DESC', root = '') => `
  WITH viewer AS MATERIALIZED (
    SELECT v.*, anchor.seq AS anchor_seq${root && ', root.id AS root_id'}
    FROM (${viewerOf('$1::bigint', '$2::text')}) v
    LEFT JOIN messages anchor ON anchor.id = $3::bigint AND anchor.conversation_id = v.conversation_id
    ${root && `LEFT JOIN messages root ON root.id = ${root} AND root.conversation_id = v.conversation_id`}
  )
  SELECT viewer.is_participant, viewer.anchor_seq${root && ', viewer.root_id'}, page.*
  FROM viewer
  LEFT JOIN LATERAL (
    SELECT ${viewedColumns}
    FROM messages m
    ${viewedTables}
    WHERE m.conversation_id = viewer.conversation_id AND viewer.is_participant AND ${page}
  ) page ON true
  ORDER BY page.seq ${order}`;

/** Where the page starts, before it is moved by the offset. */
const place = `coalesce(viewer.anchor_seq, $4::bigint, viewer.last_seq + 1)`;

/** seq has no gaps, so that a place is reached by counting and not by skipping rows. */
const ofAll = (comparison: '<' | '>', order: 'ASC' | 'DESC') =>
  history(`m.seq ${comparison} ${place} + $5::bigint ORDER BY m.seq ${order} LIMIT $6`, order);

/** A thread's replies have gaps between them: they are skipped, towards the newer ones by looking back first. */
const inThread = `m.thread_root_id = $7::bigint`;
const threadBefore = history(
  `${inThread} AND m.seq < ${place} ORDER BY m.seq DESC LIMIT $6 OFFSET -$5::bigint`,
  'DESC',
  '$7::bigint',
);
const threadAfter = history(
  `${inThread} AND m.seq > coalesce(
    (
      SELECT min(back.seq) - 1
      FROM (
        SELECT t.seq
        FROM messages t
        WHERE t.conversation_id = viewer.conversation_id AND t.thread_root_id = $7::bigint AND t.seq <= ${place}
        ORDER BY t.seq DESC
        LIMIT -$5::bigint
      ) back
    ),
    ${place}
  )
  ORDER BY m.seq LIMIT $6`,
  'ASC',
  '$7::bigint',
);

/** Pages by where they lie from their place: of all messages, and of one thread's replies. */
export const historyPages = {
  all: {
    before: { name: 'message_history_before', text: ofAll('<', 'DESC') },
    after: { name: 'message_history_after', text: ofAll('>', 'ASC') },
  },
  thread: {
    before: { name: 'message_thread_before', text: threadBefore },
    after: { name: 'message_thread_after', text: threadAfter },
  },
} as const;
