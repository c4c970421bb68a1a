import { PictureUrl, type TokenProfile, type UserId } from '@parley/contracts';

/** Characters that are kept of what a token says. */
const maxLength = { displayName: 100, username: 64, email: 320 };

/**
 * A token's profile as it can be stored and shown: the issuer vouches for who the user is, not for how well the user
 * chose the name. A user without any is called by the id.
 */
export function presentableProfile(id: UserId, profile: TokenProfile): TokenProfile {
  return {
    displayName: cut(profile.displayName, maxLength.displayName) ?? id,
    username: cut(profile.username, maxLength.username),
    email: cut(profile.email, maxLength.email),
    avatarUrl: PictureUrl.safeParse(profile.avatarUrl).success ? profile.avatarUrl : null,
    role: cut(profile.role, maxLength.username) ?? 'user',
  };
}

/** Without what PostgreSQL refuses, NUL and halves of characters; null where nothing is left. */
function cut(text: string | null, maxCharacters: number): string | null {
  const storable = Buffer.from((text ?? '').replaceAll('\0', ''))
    .toString()
    .trim();
  return Array.from(storable).slice(0, maxCharacters).join('') || null;
}
