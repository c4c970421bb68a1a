import { z } from 'zod';
import { RawJson, rawFieldOf, rawJson, readJson, writeJson } from './raw.json';

const Said = z.object({ n: z.number(), said: rawJson(z.object({ text: z.string() })) });
const field = rawFieldOf(Said);
const awkward = { text: '"said":{"},"said":\n😀' };

describe('a value that is passed on as it is written', () => {
  it('is written and parsed when that is asked for, and once', () => {
    const stringify = jest.spyOn(JSON, 'stringify');
    const parse = jest.spyOn(JSON, 'parse');
    const raw = RawJson.of(awkward);
    const copy = RawJson.read<typeof awkward>(raw.text);
    expect([raw.text, raw.text, stringify.mock.calls.length, parse.mock.calls.length]).toEqual([
      copy.text,
      raw.text,
      1,
      0,
    ]);
    expect([copy.value, copy.value, parse.mock.calls.length]).toEqual([awkward, awkward, 1]);
    jest.restoreAllMocks();
  });

  it('is itself wherever it is written another way', () => {
    expect(JSON.parse(JSON.stringify({ list: [RawJson.of(awkward)] }))).toEqual({ list: [awkward] });
  });
});

describe('an object whose last field is passed on', () => {
  it('is what was written, with that field unread', () => {
    const text = writeJson({ n: 1, said: RawJson.of(awkward) });
    expect(JSON.parse(text)).toEqual({ n: 1, said: awkward });
    const copy = Said.parse(readJson(text, field));
    expect([copy.n, copy.said.text, copy.said.value]).toEqual([1, JSON.stringify(awkward), awkward]);
  });

  it.each([
    ['nested at the end', { ok: true, data: { said: RawJson.of(awkward) } }, { ok: true, data: { said: awkward } }],
    ['in the middle', { said: RawJson.of(awkward), n: 1 }, { said: awkward, n: 1 }],
    ['alone', RawJson.of(awkward), awkward],
    ['absent', { ok: true, list: [{ n: 1 }], nothing: null }, { ok: true, list: [{ n: 1 }], nothing: null }],
    ['in an empty object', {}, {}],
  ])('is written rightly with it %s', (_, value, plain) => {
    expect(JSON.parse(writeJson(value))).toEqual(plain);
  });

  it.each([{ n: 1 }, { n: Number.NaN }, { n: undefined }, { n: 'text, "quoted"' }, { n: true }, { n: [null] }])(
    'is written by its schema as JSON writes it, with %j beside the field',
    (others) => {
      const value = { ...others, said: RawJson.of(awkward) };
      expect(field?.write(value)).toBe(JSON.stringify(value));
    },
  );

  it('is known by its schema', () => {
    expect(field?.name).toBe('said');
    expect(rawFieldOf(z.object({ said: rawJson(z.string()), n: z.number() }))).toBeUndefined();
    expect(rawFieldOf(z.object({}))).toBeUndefined();
    expect(Said.safeParse({ n: 1, said: awkward }).success).toBe(false);
  });
});
