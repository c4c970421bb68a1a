import { aMessage, aParticipant } from '@parley/testing';
import { type FoundChanges, toldOf } from './change.answer';

const since = { seq: 0, rev: 1 };
const head = { seq: 300, rev: 900 };

const messages = (count: number, firstRev: number, contentLength = 1) =>
  Array.from({ length: count }, (_, i) => ({
    rev: firstRev + i,
    message: aMessage({ seq: i + 1, rev: firstRev + i, content: 'x'.repeat(contentLength) }),
  }));
const changed = (count: number, firstRev: number) =>
  Array.from({ length: count }, (_, i) => aMessage({ seq: i + 1, rev: firstRev + i }));
const found = (fields: Partial<FoundChanges>): FoundChanges => ({
  head,
  messages: [],
  changed: [],
  participants: [],
  removed: [],
  ...fields,
});

describe('one answer about changes', () => {
  it('ends at the head where everything fits', () => {
    const told = toldOf(found({ messages: messages(3, 5), changed: changed(2, 10) }), since);
    expect(told).toMatchObject({ head, hasMore: false });
    expect([told.messages.length, told.changed.length]).toEqual([3, 2]);
  });

  it('tells nothing beyond the end of a list that was cut', () => {
    const told = toldOf(found({ messages: messages(50, 500), changed: changed(201, 10) }), since);
    expect(told.messages).toEqual([]);
    expect(told.changed).toHaveLength(200);
    expect(told).toMatchObject({ head: { seq: since.seq, rev: 209 }, hasMore: true });
  });

  it('takes of all lists what comes first', () => {
    const told = toldOf(found({ messages: messages(150, 2), changed: changed(150, 100) }), since);
    expect(told.messages.length + told.changed.length).toBeGreaterThanOrEqual(200);
    expect(told.head.rev).toBeLessThan(249);
    expect(told.head.seq).toBe(told.messages.at(-1)?.message.seq);
    expect(told.hasMore).toBe(true);
  });

  it('leads further, however large the first change is', () => {
    const told = toldOf(found({ messages: messages(2, 2, 700_000) }), since);
    expect(told).toMatchObject({ head: { seq: 1, rev: 2 }, hasMore: true });
  });

  it('names participants at their own revs', () => {
    const participants = [{ rev: 7, participant: aParticipant() }];
    expect(toldOf(found({ participants }), since).participants).toEqual(participants);
  });
});
