import { EventEmitter, once } from 'node:events';
import { defineEvent, userToken } from '@parley/contracts';
import { z } from 'zod';
import type { BusProcess } from '../bus.suite';
import { outgoing } from './outgoing.event';
import type { ReceivedEvent } from './event.bus';

export const Noted = defineEvent({
  scope: 'conversation',
  name: 'noted',
  payload: z.object({ n: z.number(), at: z.string().optional() }),
});
export const Renamed = defineEvent({ scope: 'user', name: 'renamed', payload: z.object({ to: z.string() }) });
export const Blinked = defineEvent({ scope: 'live', name: 'blinked', payload: z.object({ n: z.number() }) });

/** Collects what arrives, and waits until there is enough of it. */
export class Inbox<T = number> {
  readonly items: T[] = [];
  private readonly arrivals = new EventEmitter();

  add(item: T): void {
    this.items.push(item);
    this.arrivals.emit('arrival');
  }

  async until(isEnough: (items: readonly T[]) => boolean): Promise<readonly T[]> {
    while (!isEnough(this.items)) await once(this.arrivals, 'arrival');
    return this.items;
  }

  has(count: number): Promise<readonly T[]> {
    return this.until((items) => items.length >= count);
  }
}

/** A listener that takes everything into an inbox. */
export function listenerOf(inbox: Inbox, accepts: (subject: string) => boolean = () => true) {
  return { accepts, receive: (event: ReceivedEvent) => inbox.add(event.parse(Noted).n) };
}

let counter = 0;

/** No other test hears it. */
export const freshId = (): string => String(++counter);

/** What every EventBus must do. */
export function describeEvents(start: () => Promise<BusProcess>): void {
  let bus: BusProcess;
  const publish = (id: string, n: number): Promise<void> =>
    bus.events.publish([outgoing(Noted, id, { n })], { dedupId: `${id}-${n}` });

  beforeAll(async () => {
    bus = await start();
  });
  afterAll(() => bus.stop());

  describe('subscriptions', () => {
    it('hand an event to every subscriber', async () => {
      const id = freshId();
      const [one, two] = [new Inbox(), new Inbox()];
      const open = [
        await bus.events.subscribe(`chat.conversation.${id}.*`, listenerOf(one)),
        await bus.events.subscribe(`chat.conversation.${id}.noted`, listenerOf(two)),
      ];
      await publish(id, 1);
      expect(await one.has(1)).toEqual([1]);
      expect(await two.has(1)).toEqual([1]);
      for (const subscription of open) await subscription.close();
    });

    it('keep the order of one publisher', async () => {
      const id = freshId();
      const inbox = new Inbox();
      const subscription = await bus.events.subscribe(`chat.conversation.${id}.>`, listenerOf(inbox));
      const numbers = Array.from({ length: 100 }, (_, i) => i);
      await Promise.all(numbers.map((n) => publish(id, n)));
      expect(await inbox.has(100)).toEqual(numbers);
      await subscription.close();
    });

    it('hear events that were published together each by itself, in their order', async () => {
      const [one, other] = [freshId(), freshId()];
      const inbox = new Inbox();
      const subscription = await bus.events.subscribe(`chat.conversation.${one}.*`, listenerOf(inbox));
      const events = [1, 2, 3, 4].map((n) => outgoing(Noted, n === 3 ? other : one, { n }));
      await bus.events.publish(events, { dedupId: `together-${one}` });
      expect(await inbox.has(3)).toEqual([1, 2, 4]);
      await subscription.close();
    });

    it('ask for the subject, without the prefix, before anything is parsed', async () => {
      const id = freshId();
      const inbox = new Inbox();
      const asked: string[] = [];
      const subscription = await bus.events.subscribe(
        'chat.>',
        listenerOf(inbox, (subject) => {
          asked.push(subject);
          return subject === `chat.conversation.${id}.noted`;
        }),
      );
      await bus.events.publish([outgoing(Renamed, 'ann@example.org', { to: 'Ann' })], { dedupId: `renamed-${id}` });
      await publish(id, 2);
      expect(await inbox.has(1)).toEqual([2]);
      expect(asked).toEqual([`chat.user.${userToken('ann@example.org')}.renamed`, `chat.conversation.${id}.noted`]);
      await subscription.close();
    });

    it('go on when a listener breaks, for it and for the others', async () => {
      const id = freshId();
      const [broken, sound] = [new Inbox(), new Inbox()];
      const pattern = `chat.conversation.${id}.*`;
      const open = [
        await bus.events.subscribe(pattern, {
          accepts: () => true,
          receive: (event) => {
            broken.add(event.parse(Noted).n);
            throw new Error('a listener of this test breaks');
          },
        }),
        await bus.events.subscribe(pattern, listenerOf(sound)),
      ];
      await publish(id, 1);
      await publish(id, 2);
      expect(await sound.has(2)).toEqual([1, 2]);
      expect(await broken.has(2)).toEqual([1, 2]);
      for (const subscription of open) await subscription.close();
    });

    it('refuse to parse what does not fit the event', async () => {
      const id = freshId();
      const refusals = new Inbox<unknown>();
      const subscription = await bus.events.subscribe(`chat.conversation.${id}.*`, {
        accepts: () => true,
        receive: (event) => {
          try {
            refusals.add(event.parse(Renamed));
          } catch (error) {
            refusals.add(error);
          }
        },
      });
      await publish(id, 1);
      expect(await refusals.has(1)).toEqual([expect.objectContaining({ code: 'internal_error' })]);
      await subscription.close();
    });

    it('hear live events too, and nothing once closed', async () => {
      const [closed, open] = [new Inbox(), new Inbox()];
      const listener = (inbox: Inbox) => ({
        accepts: () => true,
        receive: (event: ReceivedEvent) => inbox.add(event.parse(Blinked).n),
      });
      const first = await bus.events.subscribe('live.blinked', listener(closed));
      const second = await bus.events.subscribe('live.>', listener(open));
      bus.events.broadcast(Blinked, { n: 1 });
      await Promise.all([closed.has(1), open.has(1)]);
      await first.close();
      bus.events.broadcast(Blinked, { n: 2 });
      expect(await open.has(2)).toEqual([1, 2]);
      expect(closed.items).toEqual([1]);
      await second.close();
    });
  });

  describe('consumers', () => {
    it('handle every event once when they share a name', async () => {
      const id = freshId();
      const inbox = new Inbox();
      const options = { durable: `shared_${id}`, pattern: `chat.conversation.${id}.*` };
      const handler = (event: ReceivedEvent): Promise<void> => {
        inbox.add(event.parse(Noted).n);
        return Promise.resolve();
      };
      const open = [await bus.events.consume(options, handler), await bus.events.consume(options, handler)];
      const numbers = Array.from({ length: 60 }, (_, i) => i);
      await Promise.all(numbers.map((n) => publish(id, n)));
      expect([...(await inbox.has(60))].sort((a, b) => a - b)).toEqual(numbers);
      for (const subscription of open) await subscription.close();
    });

    it('handle events that were published together each by itself, and only theirs', async () => {
      const [one, other] = [freshId(), freshId()];
      const inbox = new Inbox();
      const options = { durable: `together_${one}`, pattern: `chat.conversation.${one}.*` };
      const subscription = await bus.events.consume(options, (event) =>
        Promise.resolve(inbox.add(event.parse(Noted).n)),
      );
      const events = [1, 2, 3, 4].map((n) => outgoing(Noted, n === 3 ? other : one, { n }));
      await bus.events.publish(events, { dedupId: `consumed-${one}` });
      expect([...(await inbox.has(3))].sort()).toEqual([1, 2, 4]);
      await subscription.close();
    });

    it('hear what is no bulk without that, also where both were published together', async () => {
      const id = freshId();
      const inbox = new Inbox();
      const options = { durable: `spared_${id}`, pattern: `chat.conversation.${id}.*`, isSpared: true };
      const subscription = await bus.events.consume(options, (event) =>
        Promise.resolve(inbox.add(event.parse(Noted).n)),
      );
      const bulk = { ...outgoing(Noted, freshId(), { n: 1 }), isBulk: true };
      await bus.events.publish([bulk], { dedupId: `bulk-${id}` });
      await bus.events.publish([bulk, outgoing(Noted, id, { n: 2 })], { dedupId: `mixed-${id}` });
      expect(await inbox.has(1)).toEqual([2]);
      await subscription.close();
    });

    it('get a failed event again', async () => {
      const id = freshId();
      const attempts = new Inbox();
      const subscription = await bus.events.consume(
        { durable: `again_${id}`, pattern: `chat.conversation.${id}.*` },
        (event) => {
          attempts.add(event.parse(Noted).n);
          return attempts.items.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
        },
      );
      await publish(id, 7);
      expect(await attempts.has(3)).toEqual([7, 7, 7]);
      await subscription.close();
    });

    it('go on where they stopped', async () => {
      const id = freshId();
      const [before, after] = [new Inbox(), new Inbox()];
      const options = { durable: `resumed_${id}`, pattern: `chat.conversation.${id}.*` };
      const into = (inbox: Inbox) => (event: ReceivedEvent) => {
        inbox.add(event.parse(Noted).n);
        return Promise.resolve();
      };
      const first = await bus.events.consume(options, into(before));
      await publish(id, 1);
      await before.has(1);
      await first.close();
      await publish(id, 2);
      await publish(id, 3);
      const second = await bus.events.consume(options, into(after));
      expect([...(await after.has(2))].sort()).toEqual([2, 3]);
      expect(before.items).toEqual([1]);
      await second.close();
    });
  });
}
