import { decodeCursor, encodeCursor } from './schedule.cursor';

const cursorOf = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');

it('leads back to the place that it was made of', () => {
  const place = { sendAt: '2026-01-20T10:00:00.000Z', id: '17' };
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

it.each([
  '',
  'nonsense',
  cursorOf(['2026-01-20T10:00:00.000Z']),
  cursorOf(['tomorrow', '17']),
  cursorOf(['0000-01-20T10:00:00.000Z', '17']),
  cursorOf(['2026-01-20T10:00:00.000Z', '1e3']),
  cursorOf(['2026-01-20T10:00:00.000Z', '99999999999999999999']),
])('takes no other word: %j', (cursor) => {
  const issues = [expect.objectContaining({ path: 'cursor' })];
  expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'validation_failed', issues }));
});
