import type { ParticipantRole, UserId } from '@parley/contracts';

/** What policies judge a participant by. */
export interface ParticipantState {
  readonly userId: UserId;
  readonly role: ParticipantRole;
  /** May read, not write. */
  readonly isMuted: boolean;
  /** The other one of a direct conversation blocks this user. */
  readonly isBlocked: boolean;
  /** False for those who left or were removed. */
  readonly isPresent: boolean;
}

export interface ParticipantRow {
  readonly user_id: string;
  readonly role: string;
  readonly is_muted: boolean;
  readonly is_blocked: boolean;
  readonly left_at: string | null;
}

export function toParticipantState(row: ParticipantRow): ParticipantState {
  return {
    userId: row.user_id as UserId,
    role: row.role as ParticipantRole,
    isMuted: row.is_muted,
    isBlocked: row.is_blocked,
    isPresent: row.left_at === null,
  };
}
