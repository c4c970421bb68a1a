import type { ConversationId, UserId } from '@parley/contracts';
import { hashOfName, type RecentSend, RecentSends, type SendName } from './recent.sends';

const aName = (idempotencyKey: string, senderId = 'alice', conversationId = '1'): SendName => ({
  idempotencyKey,
  senderId: senderId as UserId,
  conversationId: conversationId as ConversationId,
});
const aSend = (name: SendName): RecentSend => ({
  hash: hashOfName(name),
  message: { ...name, requestHash: 'hash' },
  result: new Promise(() => undefined),
});

describe('what is known of recent sends', () => {
  let sends: RecentSends;
  beforeEach(() => (sends = new RecentSends()));

  const find = (name: SendName) => sends.find(hashOfName(name), name);
  const wasStored = (name: SendName) => sends.wasStored(hashOfName(name));

  it('is which are on their way', () => {
    const send = aSend(aName('c1'));
    sends.begin(send);
    expect(find(aName('c1'))).toBe(send);
    sends.end(send, false);
    expect(find(aName('c1'))).toBeUndefined();
  });

  it('is which were stored', () => {
    for (const [key, isStored] of [
      ['c1', true],
      ['c2', false],
    ] as const) {
      const send = aSend(aName(key));
      sends.begin(send);
      expect(wasStored(aName(key))).toBe(false);
      sends.end(send, isStored);
      expect(wasStored(aName(key))).toBe(isStored);
    }
  });

  it('tells apart names that are alike', () => {
    const names = [
      aName('c1'),
      aName('c1', 'bob'),
      aName('c1', 'alice', '2'),
      aName('c', 'alice1'),
      aName('', 'alicec1'),
    ];
    const [first] = names.map(aSend);
    if (first) sends.end(first, true);
    expect(names.map((name) => wasStored(name))).toEqual([true, false, false, false, false]);
  });

  it('is nearly all of thousands', () => {
    const names = Array.from({ length: 5_000 }, (_, n) => aName(`c${n}`));
    for (const name of names) sends.end(aSend(name), true);
    const known = names.filter((name) => wasStored(name)).length;
    expect(known).toBeGreaterThan(4_500);
    expect(names.filter(({ idempotencyKey }) => wasStored(aName(idempotencyKey, 'bob')))).toEqual([]);
  });

  it('is of a later send nothing while another one holds its place, and of that one what it was', () => {
    sends = new RecentSends(1);
    const [first, second] = [aSend(aName('c1')), aSend(aName('c2'))];
    sends.begin(first);
    sends.begin(second);
    expect([find(aName('c1')), find(aName('c2'))]).toEqual([first, undefined]);
    sends.end(second, true);
    expect(find(aName('c1'))).toBe(first);
    expect(wasStored(aName('c2'))).toBe(true);
    sends.end(first, true);
    expect([wasStored(aName('c1')), wasStored(aName('c2'))]).toEqual([true, false]);
  });
});
