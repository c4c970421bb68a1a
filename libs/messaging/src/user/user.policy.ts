import { type AdminProfileBody, PictureUrl, type TokenProfile, type UserId, Username } from '@parley/contracts';
import { AppError, type Issue } from '@parley/errors';
import type { UserRow } from './user.mapper';

/** Characters that are kept of what a token says. */
const maxLength = { displayName: 100, username: 64, email: 320 };

/** What both tokens and people tell of a user: where somebody did it by hand, tokens no longer count. */
const tokenFields = ['username', 'display_name', 'avatar_url', 'email', 'role'] as const;

/** Nobody is without these. */
const demandedFields = new Set(['display_name', 'role']);

/** What is to be changed of a profile. */
export interface ProfileChanges {
  /** The columns that change; what stands beside the others means nothing. */
  readonly fields: readonly string[];
  /** Those of them that tokens do not refresh any more. */
  readonly editedFields: readonly string[];
  readonly displayName: string | null;
  readonly username: string | null;
  readonly avatarUrl: string | null;
  readonly statusText: string | null;
  readonly email: string | null;
  readonly role: string | null;
}

/**
 * A token's profile as it can be stored and shown: the issuer vouches for who the user is, not for how well the user
 * chose the name. What cannot be shown is not told.
 */
export function presentableProfile(profile: TokenProfile): TokenProfile {
  const username = cut(profile.username, maxLength.username);
  return {
    displayName: cut(profile.displayName, maxLength.displayName),
    // Nobody could be mentioned by another one, and an e-mail address is not for everybody to see.
    username: Username.safeParse(username).success ? username : null,
    email: cut(profile.email, maxLength.email),
    avatarUrl: PictureUrl.safeParse(profile.avatarUrl).success ? profile.avatarUrl : null,
    role: cut(profile.role, maxLength.username) ?? 'user',
  };
}

/** What a user is called whom nobody has named. */
export function nameFor(id: UserId): string {
  return cut(id, maxLength.displayName) ?? id;
}

/**
 * Does a token tell something that the user's row lacks, and that nobody chose by hand? Of what it does not speak it tells
 * nothing: an issuer gives tokens for different ends, and not each of them names the user.
 */
export function tellsNews(row: UserRow, profile: TokenProfile): boolean {
  const told = {
    username: profile.username,
    display_name: profile.displayName,
    avatar_url: profile.avatarUrl,
    email: profile.email,
    role: profile.role,
  };
  return tokenFields.some(
    (field) => told[field] !== null && told[field] !== row[field] && !row.edited_fields.includes(field),
  );
}

/** Has a token that was issued later told of the user already? */
export function isOutdated({ told_at: toldAt }: Pick<UserRow, 'told_at'>, issuedAt: number | undefined): boolean {
  return toldAt !== null && issuedAt !== undefined && issuedAt * 1_000 < Date.parse(toldAt);
}

/** What a wish comes to: a field that is absent stays, null takes the value away where none may be. */
export function planChanges(body: AdminProfileBody): ProfileChanges {
  const fields = Object.entries(body).flatMap(([field, value]) =>
    value === undefined || (value === null && demandedFields.has(field)) ? [] : [field],
  );
  return {
    fields,
    editedFields: tokenFields.filter((field) => fields.includes(field)),
    displayName: body.display_name ?? null,
    username: body.username ?? null,
    avatarUrl: body.avatar_url ?? null,
    statusText: body.status_text ?? null,
    email: body.email ?? null,
    role: body.role ?? null,
  };
}

/** @throws AppError `admin_only`: `role` is that of the caller's token. */
export function demandAdmin(role: string): void {
  if (role !== 'admin') throw new AppError('admin_only');
}

/** @throws AppError `validation_failed` where a user is named twice: which of both to believe? */
export function demandDistinct(users: readonly { readonly id: UserId }[]): void {
  const seen = new Set<UserId>();
  const issues: Issue[] = [];
  for (const [index, { id }] of users.entries()) {
    if (seen.has(id)) issues.push({ path: `users.${index}.id`, message: 'is named twice' });
    seen.add(id);
  }
  if (issues.length > 0) throw new AppError('validation_failed', { issues });
}

/** Without what PostgreSQL refuses, NUL and halves of characters; null where nothing is left. */
function cut(text: string | null, maxCharacters: number): string | null {
  const storable = Buffer.from((text ?? '').replaceAll('\0', ''))
    .toString()
    .trim();
  return Array.from(storable).slice(0, maxCharacters).join('') || null;
}
