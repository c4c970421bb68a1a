import { defineEvent, Rev } from '@parley/contracts';
import { z } from 'zod';
import { LazyEvent } from './received.event';

const fields = { scope: 'conversation', name: 'noted', payload: z.object({ v: z.literal(1), rev: Rev }) } as const;
const Noted = defineEvent(fields);
const Trusted = defineEvent({ ...fields, isTrusted: true });

const anEvent = (payload: unknown, isStrict = false) =>
  new LazyEvent('chat.conversation.1.noted', () => payload, isStrict);

describe('an event of our own processes', () => {
  it('is read once, when it is first asked for', () => {
    const read = jest.fn(() => ({ v: 1, rev: 2 }));
    const event = new LazyEvent('chat.conversation.1.noted', read);
    expect(read).not.toHaveBeenCalled();
    expect([event.parse(Noted), event.parse(Noted)]).toEqual([
      { v: 1, rev: 2 },
      { v: 1, rev: 2 },
    ]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is taken as it is where it is trusted and of the kinds that it names', () => {
    const payload = { v: 1, rev: -2 };
    expect(anEvent(payload).parse(Trusted)).toBe(payload);
  });

  it.each([
    ['of another kind', { v: 1, rev: 'two' }, Trusted, false],
    ['of another version', { v: 2, rev: 1 }, Trusted, false],
    ['out of range, and not trusted', { v: 1, rev: -2 }, Noted, false],
    ['out of range, where trusted ones are checked as all others', { v: 1, rev: -2 }, Trusted, true],
  ] as const)('is refused where it is %s', (_, payload, event, isStrict) => {
    expect(() => anEvent(payload, isStrict).parse(event)).toThrow(expect.objectContaining({ code: 'internal_error' }));
  });
});
