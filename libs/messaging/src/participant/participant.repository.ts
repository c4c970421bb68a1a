import type { NotificationChoice, ParticipantRole, Rev, UserId } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { ConversationChange } from '../change/conversation.change';
import type { Standing } from './participant-change.policy';

/** Somebody who comes in, and the number of that change. */
export interface Entry {
  readonly userId: UserId;
  readonly rev: Rev;
}

const listPresent = `
  SELECT p.user_id
  FROM participants p
  WHERE p.conversation_id = $1 AND p.user_id = ANY ($2::text[]) AND p.left_at IS NULL`;

/**
 * Whoever comes back gets the role of now, but stays as silenced as before. The cursors begin at the head, without a time:
 * what was sent meanwhile nobody has shown them.
 */
const enter = `
  INSERT INTO participants AS p (conversation_id, user_id, role, rev, joined_at, last_read_seq, last_delivered_seq)
  SELECT $1::bigint, entry.user_id, $4, entry.rev, clock_timestamp(), $5::bigint, $5::bigint
  FROM unnest($2::text[], $3::bigint[]) AS entry (user_id, rev)
  ON CONFLICT (conversation_id, user_id) DO UPDATE
  SET role = excluded.role, rev = excluded.rev, joined_at = excluded.joined_at, left_at = NULL, is_archived = false,
    last_read_seq = excluded.last_read_seq, last_read_at = NULL,
    last_delivered_seq = excluded.last_delivered_seq, last_delivered_at = NULL`;

const leave = `
  UPDATE participants p
  SET left_at = clock_timestamp(), rev = $3
  WHERE p.conversation_id = $1 AND p.user_id = $2`;

const count = `UPDATE conversations c SET participant_count = c.participant_count + $2 WHERE c.id = $1`;

const hasAnotherAdmin = `
  SELECT EXISTS (
    SELECT FROM participants p
    WHERE p.conversation_id = $1 AND p.user_id <> $2 AND p.role = 'admin' AND p.left_at IS NULL
  ) AS it_has`;

const updateStanding = `
  UPDATE participants p
  SET role = $3, is_muted = $4, rev = $5
  WHERE p.conversation_id = $1 AND p.user_id = $2`;

const updateNotifications = `
  UPDATE participants p
  SET notifications = $3
  WHERE p.conversation_id = $1 AND p.user_id = $2 AND p.notifications <> $3`;

/** Writes who is in a conversation, and as what, while that is locked. */
@Injectable()
export class ParticipantRepository {
  /** Those of `userIds` that are in it. */
  async listPresent({ tx, id }: ConversationChange, userIds: readonly UserId[]): Promise<Set<string>> {
    const rows = await tx.query<{ user_id: string }>('', listPresent, [id, userIds]);
    return new Set(rows.map((row) => row.user_id));
  }

  async hasAnotherAdmin({ tx, id }: ConversationChange, userId: UserId): Promise<boolean> {
    const [row] = await tx.query<{ it_has: boolean }>('', hasAnotherAdmin, [id, userId]);
    return row?.it_has === true;
  }

  /** Lets in users who are not in it, whether they were before or not. */
  async enter({ tx, id, lastSeq }: ConversationChange, entries: readonly Entry[], role: ParticipantRole) {
    const userIds = entries.map((entry) => entry.userId);
    const revs = entries.map((entry) => entry.rev);
    await tx.query('', enter, [id, userIds, revs, role, lastSeq]);
    await tx.query('', count, [id, entries.length]);
  }

  /** Takes out a user who is in it. */
  async leave({ tx, id }: ConversationChange, { userId, rev }: Entry): Promise<void> {
    await tx.query('', leave, [id, userId, rev]);
    await tx.query('', count, [id, -1]);
  }

  async updateStanding({ tx, id }: ConversationChange, { userId, rev }: Entry, { role, isMuted }: Standing) {
    await tx.query('', updateStanding, [id, userId, role, isMuted, rev]);
  }

  async updateNotifications({ tx, id }: ConversationChange, userId: UserId, choice: NotificationChoice) {
    await tx.query('', updateNotifications, [id, userId, choice]);
  }
}
