import { nested } from './wrong.bodies';

/** What stands where something else is expected: of every type that JSON has, and at the ends of each. */
export const strangeValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '',
  ' ',
  'x',
  'a\u0000b',
  '\ud800',
  'x'.repeat(70_000),
  '__proto__',
  "'; DROP TABLE messages; --",
  '9223372036854775808',
  '0000-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  [],
  [null],
  [[['a']]],
  {},
  { $ne: null },
  { toString: 'x', constructor: 'y' },
];

/** What a body may be that is none, and how that is refused. */
export const strangeBodies: readonly (readonly [what: string, raw: string | Uint8Array<ArrayBuffer>, type: string])[] =
  [
    ['half of one', '{"a":', 'application/json'],
    ['no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1'), 'application/json'],
    ['cut in a character', Buffer.from('{"a":"👍"}').subarray(0, 8), 'application/json'],
    ['with __proto__', '{"__proto__":{"a":1}}', 'application/json'],
    ['with __proto__ written otherwise', String.raw`{"\u005f_proto__":{"a":1}}`, 'application/json'],
    ['with a constructor', '{"constructor":{"prototype":{"a":1}}}', 'application/json'],
    ['a list', '[]', 'application/json'],
    ['text', '"x"', 'application/json'],
    ['a number', '1e999', 'application/json'],
    ['lists in lists', '['.repeat(200_000), 'application/json'],
    ['lists in lists that end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'application/json'],
    ['XML', '<a/>', 'application/xml'],
    ['of a type that is none', '{}', 'nonsense'],
    ['of two types', '{}', 'application/json, text/plain'],
    ['larger than a megabyte', `{"a":"${'x'.repeat(1_100_000)}"}`, 'application/json'],
  ];

/** Bodies that are refused only where they lack something. */
export const looseBodies: readonly string[] = ['', 'null', '{}', nested(5_000), '{"a":1,"a":2}', '{"\\ud800":1}'];

/** Percent-encoded. */
export const strangeWords: readonly string[] = [
  '',
  '%20',
  '0',
  '-1',
  '1.5',
  '1e9',
  'NaN',
  '9223372036854775807',
  '9223372036854775808',
  '99999999999999999999999',
  '%00',
  '%ff',
  '%ED%A0%80',
  '%F0%9F%91%8D',
  '%2e%2e%2f%2e%2e',
  '__proto__',
  'constructor',
  '%27%20OR%201%3D1%20--',
  '%7B%22%24ne%22%3A1%7D',
  '%25%5F',
  'a'.repeat(3_000),
];

/** What somebody might make of cursors that are opaque. */
export const strangeCursors: readonly string[] = [
  ...strangeWords,
  ...[
    '{}',
    '[]',
    'null',
    '1',
    'x:y',
    'before:-1',
    'after:99999999999999999999',
    '["a",1]',
    '{"at":"0000-00-00","id":"x"}',
    '{"id":"9223372036854775808"}',
    '{"id":{"$gt":""}}',
    '\u0000',
  ].map((text) => Buffer.from(text).toString('base64url')),
];

/** A cursor that was good before one thing was changed in it. */
export function spoilt(cursor: string): string[] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const texts = [
    text.slice(1),
    text.slice(0, -1),
    text.replace(/\d/, '9'),
    text.replace(/\d+/, '99999999999999999999'),
    text.replace(/\d{4}-/, '0000-'),
    text.replace(/\d{4}-/, '+275760-'),
    text.replace(/[a-z]/, '\u0000'),
    `${text}${text}`,
    text.replaceAll('"', "'"),
  ];
  return [
    cursor.slice(1),
    `${cursor}=`,
    cursor.toUpperCase(),
    ...texts.map((t) => Buffer.from(t).toString('base64url')),
  ];
}
