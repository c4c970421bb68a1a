import type { ParticipantRole, ParticipantView, UserId } from '@parley/contracts';

/** A participant as `participantJson` reads it. */
export interface ParticipantJson {
  readonly user_id: string;
  readonly role: string;
  readonly is_muted: boolean;
  readonly joined_at: string;
  readonly last_read_seq: number;
  readonly last_read_at: string | null;
  readonly last_delivered_seq: number;
  readonly username: string | null;
  readonly display_name: string;
  readonly avatar_url: string | null;
}

/** PostgreSQL's JSON of one participant, from `p` (participants) and `u` (users). */
export const participantJson = `json_build_object(
  'user_id', p.user_id, 'role', p.role, 'is_muted', p.is_muted, 'joined_at', p.joined_at,
  'last_read_seq', p.last_read_seq, 'last_read_at', p.last_read_at, 'last_delivered_seq', p.last_delivered_seq,
  'username', u.username, 'display_name', u.display_name, 'avatar_url', u.avatar_url
)`;

/** The user `u` of a participant `p`. OFFSET 0 keeps it a lookup, whatever the statistics say. */
export const participantUser = `CROSS JOIN LATERAL (SELECT u.* FROM users u WHERE u.id = p.user_id OFFSET 0) u`;

export function toParticipantView(json: ParticipantJson): ParticipantView {
  return {
    user_id: json.user_id as UserId,
    role: json.role as ParticipantRole,
    is_muted: json.is_muted,
    joined_at: toTimestamp(json.joined_at),
    last_read_seq: json.last_read_seq,
    last_read_at: json.last_read_at === null ? null : toTimestamp(json.last_read_at),
    last_delivered_seq: json.last_delivered_seq,
    user: {
      id: json.user_id as UserId,
      username: json.username,
      display_name: json.display_name,
      avatar_url: json.avatar_url,
      // Who is online is not known here: the gateway adds it for those who may see it.
      status: 'offline',
      last_seen: null,
    },
  };
}

/** Inside of JSON a timestamp comes as PostgreSQL writes it, with an offset and no trailing zeros. */
function toTimestamp(json: string): string {
  return new Date(json).toISOString();
}
