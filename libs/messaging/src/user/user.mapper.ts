import type { OwnUserView, UserAccess, UserId, UserProfileView, UserView } from '@parley/contracts';

/** A user as `userColumns` reads it. */
export interface UserRow {
  readonly id: string;
  readonly username: string | null;
  readonly display_name: string;
  readonly email: string | null;
  readonly avatar_url: string | null;
  readonly status_text: string | null;
  readonly role: string;
  /** Fields of the token's profile that somebody chose by hand. */
  readonly edited_fields: readonly string[];
  /** When the newest token that told something of the profile was issued. */
  readonly told_at: string | null;
  readonly banned_at: string | null;
  readonly revoked_at: string | null;
  readonly created_at: string;
}

/** What a UserRow holds; `u` is the user. */
export const userColumns = `
  u.id, u.username, u.display_name, u.email, u.avatar_url, u.status_text, u.role, u.edited_fields, u.told_at,
  u.banned_at, u.revoked_at, u.created_at`;

function toUserView(row: UserRow): UserView {
  return {
    id: row.id as UserId,
    username: row.username,
    display_name: row.display_name,
    avatar_url: row.avatar_url,
    // Who is online is not known here: the gateway adds it for those who may see it.
    status: 'offline',
    last_seen: null,
  };
}

export function toUserProfileView(row: UserRow): UserProfileView {
  return { ...toUserView(row), status_text: row.status_text };
}

export function toOwnUserView(row: UserRow): OwnUserView {
  return {
    ...toUserProfileView(row),
    email: row.email,
    role: row.role,
    is_banned: row.banned_at !== null,
    created_at: row.created_at,
  };
}

export function toUserAccess(row: Pick<UserRow, 'banned_at' | 'revoked_at'>): UserAccess {
  return { isBanned: row.banned_at !== null, revokedAt: row.revoked_at };
}
