import type { UserId } from '@parley/contracts';
import { chooseMentions, everybody, findMentionedNames, type FoundMention, toMentionRows } from './mention.policy';

/** The longest name of each mention. */
const longest = (content: string) => findMentionedNames(content).names.map(([name]) => name);

describe('finding names in a text', () => {
  it.each<[string, string, string[]]>([
    ['a name alone', '@bob', ['bob']],
    ['names in a sentence', 'hey @bob, meet @carol!', ['bob', 'carol']],
    ['a name in brackets', '(@bob)', ['bob']],
    ['a possessive', "@bob's turn", ['bob']],
    ['a name before a colon', '@bob:please', ['bob']],
    ['a name right after a sentence', 'Thanks.@bob', ['bob']],
    ['dots, dashes, underscores and digits in a name', '@a.b-c_d9', ['a.b-c_d9']],
    ['letters of other scripts', 'привет @мария и @山田', ['мария', '山田']],
    ['an id', '@0f8fad5b-d9cb-469f-a165-70867728950e', ['0f8fad5b-d9cb-469f-a165-70867728950e']],
    ['a name twice, once', '@bob @bob', ['bob']],
    ['no e-mail address', 'write to a@b.c or a.b+c@d.org', []],
    ['no name', 'at @ noon, @!', []],
    ['the second of two signs', '@@bob', ['bob']],
    ['nothing in an ordinary text', 'hello', []],
  ])('takes %s', (_what, content, names) => {
    expect(longest(content)).toEqual(names);
  });

  it('lets a name end as its sentence does', () => {
    expect(findMentionedNames('I am @bob_.').names).toEqual([['bob_.', 'bob_', 'bob']]);
    expect(findMentionedNames('@bob...').names).toEqual([['bob...', 'bob']]);
  });

  it.each(['@all', '@ALL!', 'hi @All.', '(@all)', '@all, @bob'])('finds everybody in %s', (content) => {
    expect(findMentionedNames(content).hasEverybody).toBe(true);
  });

  it.each(['@allan', '@all-hands', 'all', 'a@all', '@al'])('does not find everybody in %s', (content) => {
    expect(findMentionedNames(content).hasEverybody).toBe(false);
  });

  it('looks for a hundred names at most', () => {
    const content = Array.from({ length: 150 }, (_, i) => `@u${i}`).join(' ');
    expect(longest(content)).toEqual(Array.from({ length: 100 }, (_, i) => `u${i}`));
  });

  it('drops what is longer than any name', () => {
    expect(findMentionedNames(`@${'a'.repeat(256)}`).names).toEqual([]);
  });

  it('takes as long as the text is, for texts that mean harm', () => {
    for (const content of ['@', '@.', '@a', 'a@', '@-', '._-', '@\u0301'].map((part) => part.repeat(300_000))) {
      expect(findMentionedNames(content).names.length).toBeLessThanOrEqual(100);
    }
  });
});

describe('choosing whom a message mentions', () => {
  const id = (userId: string) => userId as UserId;
  const named = (name: string, userId: string): FoundMention => ({ userId: id(userId), name, isUsername: true });
  const known = (userId: string): FoundMention => ({ userId: id(userId), name: userId, isUsername: false });
  const given = (userId: string): FoundMention => ({ userId: id(userId), name: null, isUsername: false });
  const choose = (content: string, ...found: FoundMention[]) =>
    chooseMentions(findMentionedNames(content), found, id('sender'));

  it('names each user once, in the order of the text and then of the request', () => {
    const found = [given('u3'), given('u1'), named('ann', 'u1'), named('ben', 'u2')];
    expect(choose('@ben and @ann, @ben', ...found)).toEqual(['u2', 'u1', 'u3']);
  });

  it('prefers the longest name, and a username to an id', () => {
    expect(choose('@bob_', named('bob', 'u1'), named('bob_', 'u2'))).toEqual(['u2']);
    expect(choose('@bob_', named('bob', 'u1'))).toEqual(['u1']);
    expect(choose('@u1', known('u1'), named('u1', 'u2'))).toEqual(['u2']);
    expect(choose('@u1', named('u1', 'u2'), known('u1'))).toEqual(['u2']);
  });

  it('leaves the sender out, and whom nobody knows', () => {
    expect(choose('@me @nobody', named('me', 'sender'), given('sender'))).toEqual([]);
  });

  it('puts everybody first, before those that are there', () => {
    expect(choose('@ann @all', named('ann', 'u1'), given('u1'), given('u2'), given('sender'))).toEqual([
      everybody,
      'u1',
      'u2',
    ]);
  });
});

it('keeps one row for everybody, or one for each user', () => {
  expect(toMentionRows([everybody, 'u1', 'u2'])).toEqual([everybody]);
  expect(toMentionRows(['u1', 'u2'])).toEqual(['u1', 'u2']);
  expect(toMentionRows([])).toEqual([]);
});
