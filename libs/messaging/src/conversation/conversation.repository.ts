import type { ConversationId, Metadata, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { ConversationChange } from '../change/conversation.change';
import type { ConversationPlan } from './conversation.policy';
import type { ConversationSettings } from './conversation-settings.policy';

const insert = `
  INSERT INTO conversations (
    type, title, description, avatar_url, visibility, posting, metadata, created_by, direct_key, participant_count
  )
  VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10)
  ON CONFLICT (direct_key) DO NOTHING
  RETURNING id`;

/** Between the two of a direct conversation blocks count: each of them is told what the other has decided. */
const insertParticipants = `
  INSERT INTO participants (conversation_id, user_id, role, is_blocked)
  SELECT $1::bigint, entry.user_id, entry.role, $4::boolean AND EXISTS (
    SELECT FROM blocks b WHERE b.blocker_id = ANY ($2::text[]) AND b.blocked_id = entry.user_id
  )
  FROM unnest($2::text[], $3::text[]) AS entry (user_id, role)`;

const isBlocked = `
  SELECT EXISTS (SELECT FROM blocks b WHERE b.blocker_id = $1 AND b.blocked_id = $2) AS is_blocked`;

const showAgain = `
  UPDATE participants p
  SET hidden_seq = NULL
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.hidden_seq IS NOT NULL`;

const getSettings = `
  SELECT c.title, c.description, c.avatar_url, c.visibility, c.posting, c.metadata
  FROM conversations c
  WHERE c.id = $1`;

const updateSettings = `
  UPDATE conversations c
  SET title = $2, description = $3, avatar_url = $4, visibility = $5, posting = $6, metadata = $7::jsonb,
    updated_at = greatest(clock_timestamp(), c.updated_at)
  WHERE c.id = $1`;

const archive = `
  UPDATE participants p
  SET is_archived = $3
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.is_archived <> $3`;

const hide = `UPDATE participants p SET hidden_seq = $3 WHERE p.conversation_id = $1 AND p.user_id = $2`;

const end = `UPDATE conversations c SET deleted_at = clock_timestamp() WHERE c.id = $1`;

interface SettingsRow extends Omit<ConversationSettings, 'avatarUrl'> {
  readonly avatar_url: string | null;
  readonly metadata: Metadata;
}

@Injectable()
export class ConversationRepository {
  constructor(private readonly database: Database) {}

  async findDirect(directKey: string): Promise<ConversationId | undefined> {
    const text = 'SELECT c.id FROM conversations c WHERE c.direct_key = $1 AND c.deleted_at IS NULL';
    const [row] = await this.database.query<{ id: ConversationId }>('conversation_direct', text, [directKey]);
    return row?.id;
  }

  async isBlocked(by: UserId, userId: UserId): Promise<boolean> {
    const [row] = await this.database.query<{ is_blocked: boolean }>('user_is_blocked', isBlocked, [by, userId]);
    return row?.is_blocked === true;
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
    await tx.query('', insertParticipants, [row.id, userIds, roles, plan.type === 'direct']);
    return row.id;
  }

  /** Ends that the user has hidden a direct conversation. */
  async showAgain(id: ConversationId, userId: UserId): Promise<void> {
    await this.database.query('conversation_show_again', showAgain, [id, userId]);
  }

  async getSettings({ tx, id }: ConversationChange): Promise<ConversationSettings> {
    const [row] = await tx.query<SettingsRow>('', getSettings, [id]);
    if (row === undefined) throw new Error('A conversation that is locked is not there');
    const { avatar_url: avatarUrl, ...settings } = row;
    return { ...settings, avatarUrl };
  }

  async updateSettings({ tx, id }: ConversationChange, settings: ConversationSettings): Promise<void> {
    const { title, description, avatarUrl, visibility, posting, metadata } = settings;
    await tx.query('', updateSettings, [
      id,
      title,
      description,
      avatarUrl,
      visibility,
      posting,
      JSON.stringify(metadata),
    ]);
  }

  async archive({ tx, id }: ConversationChange, userId: UserId, isArchived: boolean): Promise<void> {
    await tx.query('', archive, [id, userId, isArchived]);
  }

  /** Hides the conversation, as it stands, from the user's list. */
  async hide({ tx, id, lastSeq }: ConversationChange, userId: UserId): Promise<void> {
    await tx.query('', hide, [id, userId, lastSeq]);
  }

  /** From then on nobody finds the conversation. */
  async end({ tx, id }: ConversationChange): Promise<void> {
    await tx.query('', end, [id]);
  }
}
