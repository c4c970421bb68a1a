import { PictureUrl, text, type TokenProfile, UserId, Username } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { JWTPayload } from 'jose';
import type { UserSession } from './user.session';

/** 9999-12-31T23:59:59Z in seconds: what stands for "never", and the last moment that a timestamp can name. */
const endOfTimeS = 253_402_300_799;

const limits = { email: 320, displayName: 100, role: 64 } as const;

/** Supabase's own words for "signed in" and "not signed in": they say nothing about the user. */
const rolesWithoutMeaning = new Set(['authenticated', 'anon']);

type Claims = Readonly<Record<string, unknown>>;

/**
 * The session that verified claims stand for.
 *
 * `user_metadata` (Supabase) is written by the users themselves: it may name and picture them, never give them a role.
 * Claims that could not be stored or shown are ignored, not refused: only `sub` decides who asks.
 *
 * @throws AppError `invalid_token` without a usable `sub`.
 */
export function toUserSession(claims: JWTPayload): UserSession {
  const userId = UserId.safeParse(claims.sub);
  if (!userId.success) throw new AppError('invalid_token', { cause: userId.error });
  const profile = toProfile(claims);
  return {
    userId: userId.data,
    role: profile.role,
    profile,
    issuedAt: Math.floor(claims.iat ?? 0),
    expiresAt: Math.min(claims.exp ?? endOfTimeS, endOfTimeS),
  };
}

function toProfile(claims: Claims): TokenProfile {
  const own = objectOf(claims['user_metadata']);
  const username = firstUsername(claims['preferred_username'], own['preferred_username'], own['user_name']);
  const name = firstName(claims['name'], own['full_name'], own['name']);
  return {
    email: firstText(limits.email, claims['email']),
    username,
    // Not the e-mail address: everybody in a conversation sees the display name.
    displayName: name ?? username,
    avatarUrl: firstPicture(claims['avatar_url'], claims['picture'], own['avatar_url'], own['picture']),
    role: roleOf(claims),
  };
}

function roleOf(claims: Claims): string {
  const role = firstText(limits.role, objectOf(claims['app_metadata'])['role']) ?? plainRole(claims['role']);
  return role === 'service_role' ? 'admin' : (role ?? 'user');
}

function plainRole(claim: unknown): string | null {
  const role = firstText(limits.role, claim);
  return role === null || rolesWithoutMeaning.has(role) ? null : role;
}

function objectOf(claim: unknown): Claims {
  return typeof claim === 'object' && claim !== null ? (claim as Claims) : {};
}

/** The first claim that is text of 1 to `max` characters; blanks around it do not count. */
function firstText(max: number, ...claims: readonly unknown[]): string | null {
  const schema = text(1, max);
  for (const claim of claims) {
    const parsed = schema.safeParse(typeof claim === 'string' ? claim.trim() : undefined);
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** Some issuers put the e-mail address there, which is not for everybody to see. */
function firstUsername(...claims: readonly unknown[]): string | null {
  for (const claim of claims) {
    const parsed = Username.safeParse(typeof claim === 'string' ? claim.trim() : undefined);
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** As `firstText`, but what is too long is cut instead of ignored. */
function firstName(...claims: readonly unknown[]): string | null {
  return firstText(
    limits.displayName,
    ...claims.map((claim) => (typeof claim === 'string' ? cut(claim.trim()) : claim)),
  );
}

function firstPicture(...claims: readonly unknown[]): string | null {
  for (const claim of claims) {
    const parsed = PictureUrl.safeParse(claim);
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** The first characters of a text; characters are code points, so that none is halved. */
function cut(value: string, max: number = limits.displayName): string {
  return value.length <= max ? value : Array.from(value).slice(0, max).join('');
}
