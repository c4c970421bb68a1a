import { z } from 'zod';
import { kindCheckOf } from './kinds';
import { SendMessage } from './message.contract';
import { RawJson } from './raw.json';

const request = {
  conversationId: '7',
  senderId: 'alice',
  key: { by: 'client', id: 'k' },
  content: 'Hello!',
  messageType: 'text',
  replyToId: null,
  threadRootId: '3',
  attachmentIds: ['a'],
  mentions: [],
  metadata: { any: [1] },
};

describe('the kinds of a request to send', () => {
  const isOfKind = kindCheckOf(SendMessage.request);

  it.each([request, { ...request, key: { by: 'gateway', id: 'g' }, metadata: null }, { ...request, more: 1 }])(
    'are those of what the contract accepts',
    (value) => {
      expect(SendMessage.request.safeParse(value).success).toBe(true);
      expect(isOfKind(value)).toBe(true);
    },
  );

  it.each([
    { ...request, conversationId: 7 },
    { ...request, conversationId: undefined },
    { ...request, key: { by: 'nobody', id: 'k' } },
    { ...request, key: { by: 'client' } },
    { ...request, key: null },
    { ...request, replyToId: 3 },
    { ...request, attachmentIds: 'a' },
    { ...request, attachmentIds: { length: 0 } },
    { ...request, mentions: [['alice']] },
    { ...request, metadata: [] },
    { ...request, metadata: 'text' },
    null,
    undefined,
    'text',
    [request],
  ])('are not those of %j', (value) => {
    expect(isOfKind(value)).toBe(false);
  });

  it('say nothing of what the sender has seen to: lengths, patterns, characters', () => {
    expect(isOfKind({ ...request, conversationId: 'seven', content: '\u0000' })).toBe(true);
  });
});

it('an answer is of its kind with its message unread', () => {
  const isOfKind = kindCheckOf(SendMessage.response);
  expect(isOfKind({ duplicate: false, message: RawJson.read('{}') })).toBe(true);
  expect(isOfKind({ duplicate: 0, message: RawJson.read('{}') })).toBe(false);
  expect(isOfKind({ duplicate: false, message: {} })).toBe(false);
});

it('numbers and unions are told by their kind', () => {
  const isOfKind = kindCheckOf(z.object({ n: z.number().min(1), id: z.union([z.string(), z.number()]) }));
  expect(isOfKind({ n: 0, id: 'x' })).toBe(true);
  expect(isOfKind({ n: '0', id: 'x' })).toBe(false);
  expect(isOfKind({ n: 0, id: true })).toBe(false);
});

it.each([z.string().trim(), z.coerce.number(), z.string().default('x'), z.date(), z.string().optional()])(
  'a schema that changes what it is given cannot be trusted so',
  (schema) => {
    expect(() => kindCheckOf(z.object({ field: schema }))).toThrow();
  },
);
