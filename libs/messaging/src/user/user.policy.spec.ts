import type { TokenProfile, UserId } from '@parley/contracts';
import { presentableProfile } from './user.policy';

const id = 'alice' as UserId;
const profile = (fields: Partial<TokenProfile>): TokenProfile => ({
  displayName: 'Alice',
  username: 'al',
  email: 'a@example.com',
  avatarUrl: 'https://example.com/a.png',
  role: 'user',
  ...fields,
});

it('keeps a profile that is fit to be shown', () => {
  expect(presentableProfile(id, profile({}))).toEqual(profile({}));
});

it('drops what cannot be stored: NUL and halves of characters', () => {
  expect(presentableProfile(id, profile({ displayName: 'A\0li\ud800ce' })).displayName).toBe('Ali\ufffdce');
});

it('cuts names by characters', () => {
  expect(presentableProfile(id, profile({ displayName: '👋'.repeat(101) })).displayName).toBe('👋'.repeat(100));
});

it.each(['', '  ', '\0'])('calls a user by the id whose name is %j', (displayName) => {
  expect(presentableProfile(id, profile({ displayName })).displayName).toBe('alice');
});

it.each(['javascript:alert(1)', 'data:image/png;base64,AA', 'x'.repeat(3_000), '', null])(
  'shows no picture at %j',
  (avatarUrl) => {
    expect(presentableProfile(id, profile({ avatarUrl })).avatarUrl).toBeNull();
  },
);
