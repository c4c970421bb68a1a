import { parseRange } from './byte.range';

describe('a range of a file of 10 bytes', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=999999999999999-', 'unsatisfiable'],
  ] as const)('%s is %j', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it.each([
    undefined,
    '',
    'bytes=-',
    'bytes=4-2',
    'bytes=0-1,3-4',
    'lines=1-2',
    'bytes=a-b',
    'bytes=-1-2',
    'bytes=1e3-',
  ])('that is %j is the whole', (header) => {
    expect(parseRange(header, 10)).toBe('whole');
  });

  it('of an empty file is nowhere', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
  });
});
