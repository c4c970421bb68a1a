import { loadConfig } from '../load';
import { MessagingConfig } from './messaging.config';

const searchableBy = (fields?: string) =>
  loadConfig([MessagingConfig], fields === undefined ? {} : { SEARCHABLE_FIELDS: fields }).messaging.searchableFields;

describe('what users may be searched by', () => {
  it.each([
    [undefined, ['email', 'username', 'display_name']],
    ['username', ['username']],
    [' display_name , email ', ['display_name', 'email']],
    ['none', []],
  ])('of %j is %j', (fields, expected) => {
    expect(searchableBy(fields)).toEqual(expected);
  });

  it.each(['role', 'username,none', 'Email', 'username;email'])('cannot be %j', (fields) => {
    expect(() => searchableBy(fields)).toThrow('SEARCHABLE_FIELDS');
  });
});
