import type { ConversationId, ListMemberships, RequestOf, ResponseOf } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';

/** Conversations on one page of memberships. */
const pageSize = 5_000;

const memberships = `
  SELECT me.conversation_id
  FROM participants me
  JOIN conversations c ON c.id = me.conversation_id AND c.deleted_at IS NULL
  WHERE me.user_id = $1 AND me.left_at IS NULL AND me.conversation_id > $2::bigint
  ORDER BY me.conversation_id
  LIMIT $3`;

/** Reads who is where. */
@Injectable()
export class ParticipantReader {
  constructor(private readonly database: Database) {}

  async listMemberships({
    userId,
    after,
  }: RequestOf<typeof ListMemberships>): Promise<ResponseOf<typeof ListMemberships>> {
    const rows = await this.database.query<{ conversation_id: ConversationId }>('memberships', memberships, [
      userId,
      after ?? '0',
      pageSize + 1,
    ]);
    const ids = rows.map((row) => row.conversation_id);
    return { conversationIds: ids.slice(0, pageSize), hasMore: ids.length > pageSize };
  }
}
