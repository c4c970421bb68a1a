import { z } from 'zod';
import { decodePlace, encodePlace } from './answer.cursor';

const Place = z.tuple([z.string().max(5), z.number().int()]);
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('gives back the place that it was made of', () => {
  expect(decodePlace(Place, encodePlace(['é👋', 2]))).toEqual(['é👋', 2]);
});

it.each([
  '',
  'garbage',
  '%%%',
  `${encodePlace(['a', 1])}=`,
  encoded(null),
  encoded({ 0: 'a', 1: 1 }),
  encoded(['a']),
  encoded(['a', 1, 2]),
  encoded(['longer', 1]),
  encoded(['a', '1']),
  Buffer.from('["a", 1]').toString('base64url'),
])('refuses %j', (cursor) => {
  expect(() => decodePlace(Place, cursor)).toThrow(
    expect.objectContaining({ code: 'validation_failed', issues: [expect.objectContaining({ path: 'cursor' })] }),
  );
});
