import type { TokenProfile, UserId } from '@parley/contracts';
import { Database, type Queryable, sqlState } from '@parley/database';
import { Injectable } from '@nestjs/common';
import { userColumns, type UserRow } from './user.mapper';
import { nameFor, type ProfileChanges } from './user.policy';

const find = `SELECT ${userColumns} FROM users u WHERE u.id = $1`;

const findOwner = `SELECT u.id FROM users u WHERE lower(u.username) = lower($1) AND u.id <> $2`;

const told = (column: string, parameter: string) =>
  `CASE WHEN '${column}' = ANY (u.edited_fields) OR to_timestamp($8) < u.told_at THEN u.${column}
    ELSE coalesce(${parameter}, u.${column}) END`;

/** Looks at the row that is there when it writes, so that no edit is undone that was made meanwhile, nor a newer token's word. */
const refresh = `
  INSERT INTO users AS u (id, username, display_name, email, avatar_url, role, told_at)
  VALUES ($1, $2, coalesce($3, $7), $4, $5, $6, to_timestamp($8))
  ON CONFLICT (id) DO UPDATE
  SET username = ${told('username', '$2')}, display_name = ${told('display_name', '$3')},
    email = ${told('email', '$4')}, avatar_url = ${told('avatar_url', '$5')}, role = ${told('role', '$6')},
    told_at = greatest(u.told_at, to_timestamp($8)), updated_at = now()
  RETURNING ${userColumns}`;

const chosen = (column: string, parameter: string) =>
  `${column} = CASE WHEN '${column}' = ANY ($2::text[]) THEN ${parameter} ELSE u.${column} END`;

/** By the parameters of `valuesOf`. */
const setChosen = `
  ${chosen('display_name', '$4')}, ${chosen('username', '$5')}, ${chosen('avatar_url', '$6')},
  ${chosen('status_text', '$7')}, ${chosen('email', '$8')}, ${chosen('role', '$9')},
  edited_fields = ARRAY(SELECT DISTINCT field FROM unnest(u.edited_fields || $3::text[]) AS field ORDER BY field),
  updated_at = now()`;

const update = `UPDATE users u SET ${setChosen} WHERE u.id = $1 RETURNING ${userColumns}`;

const upsert = `
  INSERT INTO users AS u (id, display_name, username, avatar_url, status_text, email, role, edited_fields)
  VALUES ($1, coalesce($4, $10), $5, $6, $7, $8, coalesce($9, 'user'), $3::text[])
  ON CONFLICT (id) DO UPDATE SET ${setChosen}
  RETURNING ${userColumns}, u.xmax = 0 AS is_new`;

const uniqueViolation = '23505';

/** A username belongs to one user: did a write fail because of that? */
export function isUsernameTaken(error: unknown): boolean {
  return sqlState(error) === uniqueViolation;
}

@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  async find(id: UserId, queryable: Queryable = this.database): Promise<UserRow | undefined> {
    const [row] = await queryable.query<UserRow>('user_find', find, [id]);
    return row;
  }

  /** Does somebody else have this username, however it is written? */
  async isUsernameOfOther(id: UserId, username: string): Promise<boolean> {
    const rows = await this.database.query('user_by_username', findOwner, [username, id]);
    return rows.length > 0;
  }

  /**
   * Writes what a token tells, but for what was chosen by hand or told by one that was issued later; creates the user who is not there yet, called by the id
   * where nobody tells a name.
   *
   * @throws what {@link isUsernameTaken} knows.
   */
  async refresh(id: UserId, profile: TokenProfile, issuedAt?: number): Promise<UserRow> {
    const { username, displayName, email, avatarUrl, role } = profile;
    const values = [id, username, displayName, email, avatarUrl, role, nameFor(id), issuedAt];
    const [row] = await this.database.query<UserRow>('user_refresh', refresh, values);
    if (row === undefined) throw new Error('An upsert returned no user');
    return row;
  }

  /** @returns undefined where there is no such user. @throws what {@link isUsernameTaken} knows. */
  async update(id: UserId, changes: ProfileChanges): Promise<UserRow | undefined> {
    const [row] = await this.database.query<UserRow>('user_update', update, valuesOf(id, changes));
    return row;
  }

  /** Creates the user, or changes the profile. @throws what {@link isUsernameTaken} knows. */
  async upsert(tx: Queryable, id: UserId, changes: ProfileChanges): Promise<UserRow & { readonly is_new: boolean }> {
    const values = [...valuesOf(id, changes), nameFor(id)];
    const [row] = await tx.query<UserRow & { is_new: boolean }>('user_upsert', upsert, values);
    if (row === undefined) throw new Error('An upsert returned no user');
    return row;
  }
}

function valuesOf(id: UserId, changes: ProfileChanges): unknown[] {
  const { fields, editedFields, displayName, username, avatarUrl, statusText, email, role } = changes;
  return [id, fields, editedFields, displayName, username, avatarUrl, statusText, email, role];
}
