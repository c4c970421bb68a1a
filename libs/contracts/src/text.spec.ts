import { countCharacters, Metadata, text } from './text';

describe('text', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['héé', 3],
    ['👋', 1],
    ['a👋\ud800', 3],
  ])('counts the characters of %j as code points', (value, count) => {
    expect(countCharacters(value)).toBe(count);
  });

  it('measures its limit in characters, not in UTF-16 units', () => {
    expect(text(1, 3).safeParse('👋👋👋').success).toBe(true);
    expect(text(1, 3).safeParse('👋👋👋👋').success).toBe(false);
  });

  it.each(['a\u0000b', '\ud800', 'x\udc00y'])('refuses %j, which could not be given back as sent', (value) => {
    expect(text(0, 10).safeParse(value).success).toBe(false);
    expect(Metadata.safeParse({ value }).success).toBe(false);
  });

  it.each(['\\u0000', '\\ud800', '👋', 'tab\t'])('accepts %j in metadata', (value) => {
    expect(Metadata.safeParse({ value }).success).toBe(true);
  });

  it.each([
    ['1e400', false],
    ['[{"a":-1e400}]', false],
    ['1e308', true],
    ['0.1', true],
  ])('of %s in metadata is %s', (json, isGood) => {
    expect(Metadata.safeParse({ value: JSON.parse(json) as unknown }).success).toBe(isGood);
  });

  it('refuses metadata over 16 KiB', () => {
    expect(Metadata.safeParse({ value: 'é'.repeat(8_192) }).success).toBe(false);
  });

  it.each([
    [63, true],
    [64, false],
    [500_000, false],
  ])('of metadata with %i lists in each other is %s', (depth, isGood) => {
    const list: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(Metadata.safeParse({ list }).success).toBe(isGood);
  });
});
