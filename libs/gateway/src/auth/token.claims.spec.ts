import type { JWTPayload } from 'jose';
import { toUserSession } from './token.claims';

const profileOf = (claims: JWTPayload) => toUserSession({ sub: 'alice', ...claims }).profile;

describe('the role in a token', () => {
  it.each<[JWTPayload, string]>([
    [{}, 'user'],
    [{ role: 'teacher' }, 'teacher'],
    [{ role: 'authenticated' }, 'user'],
    [{ role: 'anon' }, 'user'],
    [{ role: 'service_role' }, 'admin'],
    [{ role: 'authenticated', app_metadata: { role: 'admin' } }, 'admin'],
    [{ role: 'teacher', app_metadata: { role: 'moderator' } }, 'moderator'],
    [{ role: 'teacher', app_metadata: { role: '' } }, 'teacher'],
    [{ role: 'teacher', app_metadata: 'admin' }, 'teacher'],
    [{ app_metadata: { role: ['admin'] } }, 'user'],
    [{ user_metadata: { role: 'admin' } }, 'user'],
    [{ role: 'authenticated', user_metadata: { role: 'admin' }, app_metadata: {} }, 'user'],
    [{ role: 'a'.repeat(65) }, 'user'],
  ])('of %j is %s', (claims, role) => {
    expect(toUserSession({ sub: 'alice', ...claims })).toMatchObject({ role, profile: { role } });
  });
});

describe('the profile in a token', () => {
  it.each<[string, JWTPayload, string | null]>([
    ['the name', { name: 'Alice A.', preferred_username: 'alice_a' }, 'Alice A.'],
    ['the name without the blanks around it', { name: '  Alice ' }, 'Alice'],
    ['the full name in user_metadata', { user_metadata: { full_name: 'Alice B.', name: 'A' } }, 'Alice B.'],
    ['the name in user_metadata', { user_metadata: { name: 'Alice C.' } }, 'Alice C.'],
    ['the user name', { preferred_username: 'alice_d' }, 'alice_d'],
    ['nothing, not a user name that is an e-mail address', { preferred_username: 'alice@example.org' }, null],
    ['nothing, not the e-mail address, which others would see', { email: 'alice@example.org' }, null],
    ['nothing where the name cannot be stored', { name: 'A\u0000' }, null],
    ['nothing where the name is blank', { name: ' ' }, null],
    ['the first 100 characters of a long name', { name: '👋'.repeat(101) }, '👋'.repeat(100)],
  ])('calls the user by %s', (_what, claims, displayName) => {
    expect(profileOf(claims).displayName).toBe(displayName);
  });

  it.each<[JWTPayload, string | null]>([
    [{}, null],
    [{ avatar_url: 'https://example.org/a.png', picture: 'https://example.org/b.png' }, 'https://example.org/a.png'],
    [{ picture: 'https://example.org/b.png' }, 'https://example.org/b.png'],
    [{ user_metadata: { avatar_url: 'https://example.org/c.png' } }, 'https://example.org/c.png'],
    [{ user_metadata: { picture: 'https://example.org/d.png' } }, 'https://example.org/d.png'],
    [{ picture: 'javascript:alert(1)' }, null],
    [{ picture: { url: 'https://example.org/e.png' } }, null],
  ])('finds the picture of %j', (claims, avatarUrl) => {
    expect(profileOf(claims).avatarUrl).toBe(avatarUrl);
  });

  it.each<[JWTPayload, string | null]>([
    [{ preferred_username: 'alice_a' }, 'alice_a'],
    [{ user_metadata: { user_name: 'alice_b' } }, 'alice_b'],
    [{ preferred_username: 'a'.repeat(65) }, null],
    [{ preferred_username: 'alice@example.org' }, null],
    [{ preferred_username: 'alice@example.org', user_metadata: { user_name: 'alice_c' } }, 'alice_c'],
    [{ preferred_username: 'all' }, null],
  ])('finds the user name of %j', (claims, username) => {
    expect(profileOf(claims).username).toBe(username);
  });

  it.each<[JWTPayload, string | null]>([
    [{ email: 'alice@example.org' }, 'alice@example.org'],
    [{ email: 7 }, null],
    [{ user_metadata: { email: 'somebody.else@example.org' } }, null],
  ])('finds the e-mail address of %j', (claims, email) => {
    expect(profileOf(claims).email).toBe(email);
  });
});

it.each([
  [{ exp: 1_800_000_000 }, '2027-01-15T08:00:00.000Z'],
  [{ exp: Number.MAX_VALUE }, '9999-12-31T23:59:59.000Z'],
  [{}, '9999-12-31T23:59:59.000Z'],
])('says of %j that it expires at a moment that can be written', (claims, moment) => {
  const { expiresAt } = toUserSession({ sub: 'alice', ...claims });
  expect(new Date(expiresAt * 1_000).toISOString()).toBe(moment);
});

it.each([
  [{ iat: 1_800_000_000 }, 1_800_000_000],
  [{ iat: 1_800_000_000.9 }, 1_800_000_000],
  [{}, 0],
])('says of %j when it was issued', (claims, issuedAt) => {
  expect(toUserSession({ sub: 'alice', ...claims }).issuedAt).toBe(issuedAt);
});
