import type { TokenProfile, UserId } from '@parley/contracts';
import type { UserRow } from './user.mapper';
import { demandAdmin, demandDistinct, nameFor, planChanges, presentableProfile, tellsNews } from './user.policy';

const id = 'alice' as UserId;
const profile = (fields: Partial<TokenProfile> = {}): TokenProfile => ({
  displayName: 'Alice',
  username: 'al',
  email: 'a@example.com',
  avatarUrl: 'https://example.com/a.png',
  role: 'user',
  ...fields,
});
const row = (fields: Partial<UserRow> = {}): UserRow => ({
  id,
  username: 'al',
  display_name: 'Alice',
  email: 'a@example.com',
  avatar_url: 'https://example.com/a.png',
  status_text: null,
  role: 'user',
  edited_fields: [],
  told_at: null,
  banned_at: null,
  revoked_at: null,
  created_at: '2026-01-20T10:00:00.000Z',
  ...fields,
});

describe('the profile of a token', () => {
  it('is kept where it is fit to be shown', () => {
    expect(presentableProfile(profile())).toEqual(profile());
  });

  it('loses what cannot be stored: NUL and halves of characters', () => {
    expect(presentableProfile(profile({ displayName: 'A\0li\ud800ce' })).displayName).toBe('Ali\ufffdce');
  });

  it('has names cut by characters', () => {
    expect(presentableProfile(profile({ displayName: '👋'.repeat(101) })).displayName).toBe('👋'.repeat(100));
  });

  it.each(['', '  ', '\0', null])('tells no name by %j', (displayName) => {
    expect(presentableProfile(profile({ displayName })).displayName).toBeNull();
  });

  it('calls a user with a long id by the beginning of it', () => {
    expect(nameFor('x'.repeat(255) as UserId)).toBe('x'.repeat(100));
  });

  it.each(['javascript:alert(1)', 'data:image/png;base64,AA', 'x'.repeat(3_000), '', null])(
    'shows no picture at %j',
    (avatarUrl) => {
      expect(presentableProfile(profile({ avatarUrl })).avatarUrl).toBeNull();
    },
  );

  it.each(['alice@example.com', 'al ice', 'all', 'ALL', '', null])('gives no username for %j', (username) => {
    expect(presentableProfile(profile({ username })).username).toBeNull();
  });

  it.each([
    ['nothing where all is the same', {}, {}, false],
    ['a new name', { displayName: 'Alice B.' }, {}, true],
    ['a new role', { role: 'teacher' }, {}, true],
    ['nothing by silence', { displayName: null, username: null, email: null, avatarUrl: null }, {}, false],
    ['an e-mail address that was not there', {}, { email: null }, true],
    ['nothing about what was chosen by hand', { displayName: 'Alice B.' }, { edited_fields: ['display_name'] }, false],
    ['what is beside the chosen', { username: 'x', displayName: 'B' }, { edited_fields: ['display_name'] }, true],
  ])('tells %s', (_what, told, present, expected) => {
    expect(tellsNews(row(present), profile(told))).toBe(expected);
  });
});

describe('a change of a profile', () => {
  it('touches what it names, and takes away what is null', () => {
    const changes = planChanges({ display_name: 'A', username: null, status_text: 'here', email: undefined });
    expect(changes).toMatchObject({ displayName: 'A', username: null, statusText: 'here' });
    expect([...changes.fields].sort()).toEqual(['display_name', 'status_text', 'username']);
  });

  it('takes no name and no role away', () => {
    expect(planChanges({ display_name: null, role: null, avatar_url: null }).fields).toEqual(['avatar_url']);
  });

  it('keeps from tokens what they tell, too', () => {
    const changes = planChanges({ avatar_url: null, status_text: 'here', role: 'teacher' });
    expect(changes.editedFields).toEqual(['avatar_url', 'role']);
  });
});

describe('administration', () => {
  it.each(['user', 'moderator', 'Admin', 'service_role', ''])('is not for the role %j', (role) => {
    expect(() => demandAdmin(role)).toThrow(expect.objectContaining({ code: 'admin_only' }));
  });

  it('is for admins', () => {
    expect(() => demandAdmin('admin')).not.toThrow();
  });

  it('refuses a user who is named twice, by place', () => {
    const users = ['a', 'b', 'a', 'a'].map((name) => ({ id: name as UserId }));
    expect(() => demandDistinct(users)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        issues: [
          { path: 'users.2.id', message: 'is named twice' },
          { path: 'users.3.id', message: 'is named twice' },
        ],
      }),
    );
    expect(() => demandDistinct(users.slice(0, 2))).not.toThrow();
  });
});
