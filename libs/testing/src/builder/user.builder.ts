import { type OwnUserView, UserId, type UserView } from '@parley/contracts';

/** A user's view with valid defaults. */
export function aUser(fields: Partial<UserView> = {}): UserView {
  return { id: UserId.parse('alice'), username: null, display_name: 'Alice', avatar_url: null, ...fields };
}

/** A user as it sees itself, with valid defaults. */
export function anOwnUser(fields: Partial<OwnUserView> = {}): OwnUserView {
  return { ...aUser(), email: null, role: 'user', created_at: '2026-01-20T10:00:00.000Z', ...fields };
}
