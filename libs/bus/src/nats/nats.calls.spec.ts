import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { sweepMs } from '../rpc/expiry.sweep';
import { Say } from '../rpc/rpc.suite';
import { toAnswerLine, toAnswers } from './answer.line';
import { CallTarget, NatsCalls } from './nats.calls';
import { OutgoingTurn } from './outgoing.turn';
import { readRequestBundle } from './request.bundle';

/** All of a text's calls belong together. */
const target = new CallTarget({ ...Say, affinity: ({ text }: { readonly text: string }) => text }, Say.subject);

const turnMs = 10;
const timeoutMs = 2_500;
const names = ['a', 'b', 'c'];

describe('calls that are aimed at a replica', () => {
  let now: number;
  let receive: (error: null, message: Msg) => void;
  let inbox: string;
  /** What goes out, by who gets it: `any` where any may. */
  let sent: { readonly to: string; readonly text: string }[];
  /** What each replica says of itself, in percent. */
  let loads: Record<string, number>;
  let calls: NatsCalls;

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    sent = [];
    loads = {};
    const connection = {
      subscribe: (subject: string, options: { readonly callback: typeof receive }) => {
        inbox = subject.slice(0, -2);
        receive = options.callback;
      },
      publish: (subject: string, text: string) =>
        sent.push({ to: subject === Say.subject ? 'any' : subject.slice(Say.subject.length + 1), text }),
    };
    calls = new NatsCalls(connection as unknown as NatsConnection, new OutgoingTurn());
    for (const name of names) answer(name, ask());
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Time passes, and the event loop goes round. */
  const pass = (milliseconds: number): void => {
    for (const endsAt = now + milliseconds; now < endsAt;) {
      now += turnMs;
      jest.advanceTimersByTime(turnMs);
    }
  };

  /** A call goes out, with those of its turn. */
  const ask = (text = 'alone') => {
    const call = calls.ask<typeof Say>(target, { text }, { timeoutMs, requestId: 'r' });
    const outcome = call.then(
      () => 'answered',
      () => 'given up',
    );
    jest.advanceTimersByTime(0);
    const { to = '', text: bundle = '' } = sent.at(-1) ?? {};
    return { to, number: readRequestBundle(bundle)?.requests.at(-1)?.[0] ?? -1, outcome };
  };

  const answer = (name: string, { number }: { readonly number: number }): void => {
    const sender = { replica: name, load: loads[name] ?? 10 };
    const text = toAnswers(sender, toAnswerLine(number, { ok: true, d: { text: 'hello' } }));
    receive(null, { subject: `${inbox}.answers`, string: () => text } as unknown as Msg);
  };

  /** Those that are asked now; whoever is asked by its name answers. */
  const asked = (text?: string): Set<string> =>
    new Set(
      Array.from({ length: 5 }, () => {
        const call = ask(text);
        if (call.to !== 'any') answer(call.to, call);
        return call.to;
      }),
    );

  describe.each([
    ['one takes them all', 10],
    ['they are shared', 80],
  ])('while %s', (_, load) => {
    let home: string;

    beforeEach(() => {
      loads = { a: load, b: load, c: load };
      for (const name of names) answer(name, ask());
      // Only what comes together is aimed in any case.
      ask('slow');
      home = ask('slow').to;
    });

    it('go to the same one though some are given up, while it answers others', async () => {
      expect(names).toContain(home);
      const slow = ask('slow');
      expect(slow.to).toBe(home);
      while (now <= timeoutMs) {
        asked('slow');
        pass(50);
      }
      await expect(slow.outcome).resolves.toBe('given up');
      expect(asked('slow')).toEqual(new Set([home]));
    });

    it('go to the same one after this process stood still, and its answers are still to be read', () => {
      ask('slow');
      // Sockets are read one after another: that of a client, which brings the next call, may be before the broker's.
      const standStill = (): void => {
        now += 400;
        jest.advanceTimersByTime(sweepMs);
      };
      standStill();
      expect(ask('slow').to).toBe(home);
      standStill();
      expect(asked('slow')).toEqual(new Set([home]));
    });

    it('do not go to one that still says nothing after that', () => {
      ask('slow');
      now += 500;
      expect(ask('slow').to).toBe(home);
      pass(150);
      expect(asked('slow')).not.toContain(home);
    });

    it('do not go to one that says nothing, also once all are given up that wait for it', async () => {
      const silent = ask('slow');
      expect(silent.to).toBe(home);
      for (pass(150); now <= timeoutMs + 150; pass(50)) expect(asked('slow')).not.toContain(home);
      await expect(silent.outcome).resolves.toBe('given up');
      expect(asked('slow')).not.toContain(home);
    });
  });
});
