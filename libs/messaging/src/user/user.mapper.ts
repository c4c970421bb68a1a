import type { OwnUserView, UserId, UserView } from '@parley/contracts';

export interface UserRow {
  readonly id: string;
  readonly username: string | null;
  readonly display_name: string;
  readonly email: string | null;
  readonly avatar_url: string | null;
  readonly role: string;
  readonly created_at: string;
}

export function toUserView(row: UserRow): UserView {
  return { id: row.id as UserId, username: row.username, display_name: row.display_name, avatar_url: row.avatar_url };
}

export function toOwnUserView(row: UserRow): OwnUserView {
  return { ...toUserView(row), email: row.email, role: row.role, created_at: row.created_at };
}
