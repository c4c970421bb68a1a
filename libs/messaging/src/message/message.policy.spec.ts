import { AppError } from '@parley/errors';
import { aSend, toDraft } from '../messaging.scene';
import { checkContentLength, clientMessageId, isSameRequest, toRequested } from './message.policy';
import { hashOfName } from './recent.sends';

const hashOf = (fields: Parameters<typeof aSend>[0]) => toDraft(aSend(fields)).requestHash;

describe('the length of a message', () => {
  it.each(['', 'abc', '👋👋👋'])('allows %j within 3 characters', (content) => {
    expect(() => checkContentLength(content, 3)).not.toThrow();
  });

  it.each(['abcd', '👋👋👋👋'])('refuses %j above 3 characters', (content) => {
    expect(() => checkContentLength(content, 3)).toThrow(
      new AppError('content_too_long', { detail: 'The message is longer than 3 characters' }),
    );
  });
});

describe('the hash of a request', () => {
  it('stays what it is for messages that are stored already', () => {
    expect(hashOf({ content: 'Hi', replyToId: '7' as never, metadata: { b: 1, a: [2] } })).toBe(
      'ff547da73b757792486a927f2b7d59f8',
    );
  });

  it('tells when it is to be sent', () => {
    const at = (time: string | null) => toRequested(aSend({}), time).requestHash;
    expect(new Set([at(null), at('2030-01-01T00:00:00.000Z'), at('2030-01-01T00:00:00.001Z')]).size).toBe(3);
  });

  it('is the same whatever the order of the mentions, not of the attachments', () => {
    const mentions = (...ids: string[]) => hashOf({ mentions: ids as never });
    expect(mentions('a', 'b')).toBe(mentions('b', 'a', 'b'));
    expect(hashOf({ attachmentIds: ['a', 'b'] })).not.toBe(hashOf({ attachmentIds: ['b', 'a'] }));
  });

  it('is 16 bytes in hex', () => {
    expect(hashOf({})).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each<[string, Parameters<typeof aSend>[0]]>([
    ['content', { content: 'other' }],
    ['type', { messageType: 'image' }],
    ['reply', { replyToId: '7' as never }],
    ['metadata', { metadata: { a: 1 } }],
    ['thread', { threadRootId: '7' as never }],
    ['attachment', { attachmentIds: ['a'] }],
    ['mention', { mentions: ['bob' as never] }],
  ])('tells requests with another %s apart', (_part, fields) => {
    expect(hashOf(fields)).not.toBe(hashOf({}));
  });

  it.each([
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: { x: [1, { y: 2, z: 3 }] } }, { a: { x: [1, { z: 3, y: 2 }] } }],
    [{}, null],
  ])('is the same for %j and %j', (one, other) => {
    expect(hashOf({ metadata: one })).toBe(hashOf({ metadata: other }));
  });

  it.each([
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, {}],
    [{ 'a":1,"b': 1 }, { a: 1, b: 1 }],
  ])('differs between %j and %j', (one, other) => {
    expect(hashOf({ metadata: one })).not.toBe(hashOf({ metadata: other }));
  });

  it('does not depend on the key or the sender', () => {
    const draft = toDraft(aSend({ senderId: 'bob' as never }));
    expect(isSameRequest(hashOf({}), draft)).toBe(true);
  });
});

describe('idempotency keys', () => {
  it('show what a client gave, and nothing that the gateway made up', () => {
    const byClient = toDraft(aSend({ key: { by: 'client', id: 'k' } }));
    const byGateway = toDraft(aSend({ key: { by: 'gateway', id: 'k' } }));
    expect(clientMessageId(byClient.idempotencyKey)).toBe('k');
    expect(clientMessageId(byGateway.idempotencyKey)).toBeNull();
  });

  it('name one message of one sender in one conversation', () => {
    const key = { by: 'client', id: 'k' } as const;
    const names = [
      aSend({ key }),
      aSend({ key: { by: 'gateway', id: 'k' } }),
      aSend({ key, senderId: 'bob' as never }),
      aSend({ key, conversationId: '2' as never }),
    ].map((request) => hashOfName(toDraft(request)));
    expect(new Set(names).size).toBe(4);
  });
});
