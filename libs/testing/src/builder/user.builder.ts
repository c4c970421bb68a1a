import { type OwnUserView, UserId, type UserProfileView, type UserView } from '@parley/contracts';

/** A user's view with valid defaults. */
export function aUser(fields: Partial<UserView> = {}): UserView {
  return {
    id: UserId.parse('alice'),
    username: null,
    display_name: 'Alice',
    avatar_url: null,
    status: 'offline',
    last_seen: null,
    ...fields,
  };
}

/** A user's profile with valid defaults. */
export function aProfile(fields: Partial<UserProfileView> = {}): UserProfileView {
  return { ...aUser(), status_text: null, ...fields };
}

/** A user as it sees itself, with valid defaults. */
export function anOwnUser(fields: Partial<OwnUserView> = {}): OwnUserView {
  return {
    ...aProfile(),
    email: null,
    role: 'user',
    is_banned: false,
    created_at: '2026-01-20T10:00:00.000Z',
    ...fields,
  };
}
