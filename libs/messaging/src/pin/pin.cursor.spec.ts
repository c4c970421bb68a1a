import { decodeCursor, encodeCursor } from './pin.cursor';

const place = { pinnedAt: '2026-01-20T10:00:00.000Z', seq: 42 };
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('gives back the place that it was made of', () => {
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

it.each([
  '',
  'garbage',
  '%%%',
  `${encodeCursor(place)}=`,
  `${encodeCursor(place)}!`,
  encoded(null),
  encoded([]),
  encoded(['yesterday', 42]),
  encoded(['infinity', 42]),
  encoded(['0000-01-20T10:00:00.000Z', 42]),
  encoded(['2026-02-31T10:00:00.000Z', 42]),
  encoded([place.pinnedAt, '42']),
  encoded([place.pinnedAt, -1]),
  encoded([place.pinnedAt, 1e30]),
  encoded([place.pinnedAt, 42, 'more']),
])('refuses %j', (cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(
    expect.objectContaining({ code: 'validation_failed', issues: [expect.objectContaining({ path: 'cursor' })] }),
  );
});
