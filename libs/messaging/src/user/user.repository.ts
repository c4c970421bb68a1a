import type { TokenProfile, UserId } from '@parley/contracts';
import { Database } from '@parley/database';
import { Injectable } from '@nestjs/common';
import type { UserRow } from './user.mapper';
import { presentableProfile } from './user.policy';

const columns = 'u.id, u.username, u.display_name, u.email, u.avatar_url, u.role, u.created_at';

const upsert = `
  INSERT INTO users AS u (id, username, display_name, email, avatar_url, role)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (id) DO UPDATE
  SET username = excluded.username, display_name = excluded.display_name, email = excluded.email,
    avatar_url = excluded.avatar_url, role = excluded.role, updated_at = now()
  RETURNING ${columns}`;

@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  async find(id: UserId): Promise<UserRow | undefined> {
    const text = `SELECT ${columns} FROM users u WHERE u.id = $1`;
    const [row] = await this.database.query<UserRow>('user_find', text, [id]);
    return row;
  }

  /** The user with this profile; writes only where there is none, or where something differs. */
  async ensure(id: UserId, told: TokenProfile): Promise<UserRow> {
    const profile = presentableProfile(id, told);
    const present = await this.find(id);
    if (present && hasProfile(present, profile)) return present;
    const { username, displayName, email, avatarUrl, role } = profile;
    const [row] = await this.database.query<UserRow>('user_upsert', upsert, [
      id,
      username,
      displayName,
      email,
      avatarUrl,
      role,
    ]);
    if (row === undefined) throw new Error('An upsert returned no user');
    return row;
  }
}

function hasProfile(row: UserRow, profile: TokenProfile): boolean {
  return (
    row.username === profile.username &&
    row.display_name === profile.displayName &&
    row.email === profile.email &&
    row.avatar_url === profile.avatarUrl &&
    row.role === profile.role
  );
}
