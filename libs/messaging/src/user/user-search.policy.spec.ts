import type { SearchableField } from '@parley/config';
import { planSearch } from './user-search.policy';

const all: readonly SearchableField[] = ['email', 'username', 'display_name'];

it('looks for the beginning of names', () => {
  expect(planSearch({ q: ' Al ' }, all)).toEqual({ email: null, username: 'Al%', displayName: 'Al%' });
});

it.each([
  ['alice@example.com', 'alice@example.com%'],
  ['ali', 'ali%'],
  ['👋👋👋', '👋👋👋%'],
  ['al', 'al'],
  ['👋👋', '👋👋'],
])('takes the e-mail address %s as %s: strangers cannot walk the alphabet', (email, pattern) => {
  expect(planSearch({ email }, all)).toEqual({ email: pattern, username: null, displayName: null });
});

it('looks for both where both are asked for', () => {
  expect(planSearch({ email: 'alice', q: 'A' }, all)).toEqual({ email: 'alice%', username: 'A%', displayName: 'A%' });
});

it('takes what LIKE knows for ordinary characters', () => {
  expect(planSearch({ q: '50%_\\' }, all)?.username).toBe('50\\%\\_\\\\%');
  expect(planSearch({ email: '%%' }, all)?.email).toBe('\\%\\%');
});

it('looks only where the deployment lets it', () => {
  expect(planSearch({ q: 'Al' }, ['username'])).toEqual({ email: null, username: 'Al%', displayName: null });
  expect(planSearch({ q: 'Al' }, ['display_name'])).toEqual({ email: null, username: null, displayName: 'Al%' });
});

it.each([
  ['an e-mail address', { email: 'alice@example.com' }, ['username', 'display_name']],
  ['a name', { q: 'Al' }, ['email']],
  ['an e-mail address of a user with a name', { email: 'alice@example.com', q: 'Al' }, ['display_name']],
  ['a name of a user with an e-mail address', { email: 'alice@example.com', q: 'Al' }, ['email']],
  ['anything', { email: 'alice@example.com', q: 'Al' }, []],
] as const)('finds nobody by %s where that may not be searched by', (_what, asked, searchable) => {
  expect(planSearch(asked, searchable)).toBeUndefined();
});

it.each([{}, { q: '' }, { email: ' ' }, { email: '', q: '  ' }])('refuses %j: it asks for nobody', (asked) => {
  expect(() => planSearch(asked, all)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});
