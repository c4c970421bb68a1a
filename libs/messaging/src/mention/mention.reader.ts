import type { ConversationId, UserId } from '@parley/contracts';
import type { Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { chooseMentions, findMentionedNames, type FoundMention } from './mention.policy';

/** `@all` names the users themselves in conversations of so many at most; in larger ones it stands for them. */
const maxNamedByAll = 100;

/** Of the conversation `$1`: those with the names `$2`, those with the ids `$3`, and, if `$4`, all. */
const find = `
  SELECT asked.name, named.is_username, p.user_id
  FROM unnest($2::text[]) AS asked (name)
  CROSS JOIN LATERAL (
    SELECT u.id AS user_id, true AS is_username FROM users u WHERE lower(u.username) = lower(asked.name)
    UNION ALL
    SELECT asked.name, false
  ) named
  CROSS JOIN LATERAL (
    SELECT p.user_id
    FROM participants p
    WHERE p.conversation_id = $1::bigint AND p.user_id = named.user_id AND p.left_at IS NULL
    OFFSET 0
  ) p
  UNION ALL
  SELECT NULL, false, p.user_id
  FROM unnest($3::text[]) AS asked (user_id)
  CROSS JOIN LATERAL (
    SELECT p.user_id
    FROM participants p
    WHERE p.conversation_id = $1::bigint AND p.user_id = asked.user_id AND p.left_at IS NULL
    OFFSET 0
  ) p
  UNION ALL
  SELECT NULL, false, p.user_id
  FROM conversations c
  CROSS JOIN LATERAL (
    SELECT p.user_id
    FROM participants p
    WHERE $4::boolean AND c.participant_count <= ${maxNamedByAll} AND p.conversation_id = c.id AND p.left_at IS NULL
    ORDER BY p.user_id
    OFFSET 0
  ) p
  WHERE c.id = $1::bigint`;

/** What may mention somebody. */
export interface Mentioning {
  readonly conversationId: ConversationId;
  readonly senderId: UserId;
  readonly content: string;
  /** Who is mentioned beside those that the content names. */
  readonly mentionIds: readonly UserId[];
}

/** Is there anything in it that has to be looked up? */
export function mayMention({ content, mentionIds }: Mentioning): boolean {
  return mentionIds.length > 0 || content.includes('@');
}

/** Finds out whom messages mention. */
@Injectable()
export class MentionReader {
  /**
   * Those in the conversation whom a message mentions, without its sender, each once, as it is stored in `mentions`: the
   * empty id ({@link everybody}) first where it mentions all. Asks the database only where there is somebody to find.
   */
  async resolve(queryable: Queryable, mentioning: Mentioning): Promise<string[]> {
    const { conversationId, senderId, content, mentionIds } = mentioning;
    const mentioned = findMentionedNames(content);
    if (mentionIds.length === 0 && mentioned.names.length === 0 && !mentioned.hasEverybody) return [];
    const rows = await queryable.query<{ name: string | null; is_username: boolean; user_id: UserId }>(
      'mentions',
      find,
      [conversationId, mentioned.names.flat(), mentionIds, mentioned.hasEverybody],
    );
    const found = rows.map((row): FoundMention => ({
      userId: row.user_id,
      name: row.name,
      isUsername: row.is_username,
    }));
    return chooseMentions(mentioned, found, senderId);
  }
}
