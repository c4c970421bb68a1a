import type { ConversationId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { ConversationPlan } from './conversation.policy';

const insert = `
  INSERT INTO conversations (
    type, title, description, avatar_url, visibility, posting, metadata, created_by, direct_key, participant_count
  )
  VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)
  ON CONFLICT (direct_key) DO NOTHING
  RETURNING id`;

const insertParticipants = `
  INSERT INTO participants (conversation_id, user_id, role)
  SELECT $1::bigint, p.user_id, p.role
  FROM unnest($2::text[], $3::text[]) AS p (user_id, role)`;

@Injectable()
export class ConversationRepository {
  constructor(private readonly database: Database) {}

  async listExistingUsers(ids: readonly string[]): Promise<Set<string>> {
    const text = 'SELECT u.id FROM users u WHERE u.id = ANY ($1::text[])';
    const rows = await this.database.query<{ id: string }>('users_existing', text, [ids]);
    return new Set(rows.map((row) => row.id));
  }

  async findDirect(directKey: string): Promise<ConversationId | undefined> {
    const text = 'SELECT c.id FROM conversations c WHERE c.direct_key = $1 AND c.deleted_at IS NULL';
    const [row] = await this.database.query<{ id: ConversationId }>('conversation_direct', text, [directKey]);
    return row?.id;
  }

  /**
   * Inserts the conversation with its participants, at `rev` 1.
   *
   * @returns its id; undefined where the direct conversation exists. Of several at once one inserts, after whose commit
   *   the others get their answer.
   */
  async insert(tx: Queryable, plan: ConversationPlan): Promise<ConversationId | undefined> {
    const [row] = await tx.query<{ id: ConversationId }>('', insert, [
      plan.type,
      plan.title,
      plan.description,
      plan.avatarUrl,
      plan.visibility,
      plan.posting,
      JSON.stringify(plan.metadata),
      plan.createdBy,
      plan.directKey,
      plan.participants.length,
    ]);
    if (row === undefined) return undefined;
    const userIds = plan.participants.map((participant) => participant.userId);
    const roles = plan.participants.map((participant) => participant.role);
    await tx.query('', insertParticipants, [row.id, userIds, roles]);
    return row.id;
  }
}
