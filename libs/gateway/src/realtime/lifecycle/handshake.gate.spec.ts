import { GateCrowded, GateLeft, HandshakeGate } from './handshake.gate';

const here = { isBegun: false, isWanted: () => true };
const begun = { isBegun: true, isWanted: () => true };

/** What somebody does behind the gate until it is told to end. */
function aPassage(gate: HandshakeGate, order: string[], name: string, turn = here) {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (end = resolve));
  const passed = gate.pass(() => {
    order.push(name);
    return done;
  }, turn);
  passed.catch(() => undefined);
  return { passed, end };
}

const turn = () => new Promise(setImmediate);

describe('the gate', () => {
  const limits = { maxParallel: 2, maxWaiting: 3, maxWaitMs: 60_000 };

  it('lets so many in at a time, and the others in the order in which they came', async () => {
    const gate = new HandshakeGate(limits);
    const order: string[] = [];
    const passages = ['a', 'b', 'c', 'd'].map((name) => aPassage(gate, order, name));
    await turn();
    expect([order.join(''), gate.waiting]).toEqual(['ab', 2]);
    passages[1]?.end();
    await turn();
    expect(order.join('')).toBe('abc');
    for (const { end } of passages) end();
    await Promise.all(passages.map(({ passed }) => passed));
    expect([order.join(''), gate.waiting]).toEqual(['abcd', 0]);
  });

  it('lets those finish first who have begun', async () => {
    const gate = new HandshakeGate({ ...limits, maxParallel: 1 });
    const order: string[] = [];
    const passages = [
      aPassage(gate, order, 'a'),
      aPassage(gate, order, 'b'),
      aPassage(gate, order, 'c'),
      aPassage(gate, order, 'A', begun),
    ];
    for (const { end } of passages) end();
    await Promise.all(passages.map(({ passed }) => passed));
    expect(order.join('')).toBe('aAbc');
  });

  it('turns away who would be one too many, and tells how long the others will take', async () => {
    const gate = new HandshakeGate(limits);
    const order: string[] = [];
    const passages = Array.from({ length: 5 }, (_, index) => aPassage(gate, order, String(index)));
    const refused = await aPassage(gate, order, 'x').passed.catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GateCrowded);
    expect((refused as GateCrowded).drainMs).toBeGreaterThan(0);
    for (const { end } of passages) end();
    await Promise.all(passages.map(({ passed }) => passed));
    expect(order).not.toContain('x');
  });

  it('turns away who has waited too long, and goes on with the others', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    const gate = new HandshakeGate({ ...limits, maxParallel: 1, maxWaitMs: 1_000 });
    const order: string[] = [];
    const first = aPassage(gate, order, 'a');
    const late = aPassage(gate, order, 'late');
    jest.advanceTimersByTime(999);
    const next = aPassage(gate, order, 'b');
    jest.advanceTimersByTime(1);
    await expect(late.passed).rejects.toBeInstanceOf(GateCrowded);
    jest.useRealTimers();
    first.end();
    next.end();
    await Promise.all([first.passed, next.passed]);
    expect([order.join(''), gate.waiting]).toEqual(['ab', 0]);
  });

  it('gives nobody a turn who has gone meanwhile', async () => {
    const gate = new HandshakeGate({ ...limits, maxParallel: 1 });
    const order: string[] = [];
    const first = aPassage(gate, order, 'a');
    const gone = aPassage(gate, order, 'gone', { isBegun: false, isWanted: () => false });
    const next = aPassage(gate, order, 'b');
    first.end();
    next.end();
    await expect(gone.passed).rejects.toBeInstanceOf(GateLeft);
    await next.passed;
    expect(order.join('')).toBe('ab');
  });

  it('frees the place of who fails', async () => {
    const gate = new HandshakeGate({ ...limits, maxParallel: 1 });
    await expect(gate.pass(() => Promise.reject(new Error('broken')), here)).rejects.toThrow('broken');
    await expect(gate.pass(() => Promise.resolve(7), here)).resolves.toBe(7);
  });
});
