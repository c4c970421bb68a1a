import type { ConversationId } from '@parley/contracts';
import { decodeCursor, encodeCursor } from './conversation.cursor';

const place = { lastMessageAt: '2026-01-20T10:00:00.000Z', id: '42' as ConversationId };
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
  encoded(['yesterday', '42']),
  encoded(['2026-02-31T10:00:00.000Z', '42']),
  encoded([place.lastMessageAt, 42]),
  encoded([place.lastMessageAt, '42; DROP TABLE users']),
  encoded([place.lastMessageAt, '99999999999999999999']),
  encoded([place.lastMessageAt, '42', 'more']),
])('refuses %j', (cursor) => {
  expect(() => decodeCursor(cursor)).toThrow(
    expect.objectContaining({ code: 'validation_failed', issues: [expect.objectContaining({ path: 'cursor' })] }),
  );
});
