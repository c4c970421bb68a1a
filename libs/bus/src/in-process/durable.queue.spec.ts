import { Logger } from '@nestjs/common';
import { Inbox } from '../event/event.suite';
import type { ReceivedEvent } from '../event/event.bus';
import { LazyEvent } from '../event/received.event';
import { DurableQueue } from './durable.queue';

const event = (n: number): ReceivedEvent => new LazyEvent(`chat.conversation.${n}.noted`, () => ({ n }));

describe('DurableQueue', () => {
  let queue: DurableQueue;

  beforeEach(() => {
    Logger.overrideLogger(false);
    queue = new DurableQueue('test', 'chat.>');
  });
  afterEach(async () => {
    await queue.close();
    Logger.overrideLogger(true);
  });

  it('lets the publisher wait until a handler has taken the event', async () => {
    const order: string[] = [];
    let attempts = 0;
    queue.open(() => {
      attempts++;
      order.push(`attempt ${attempts}`);
      return attempts === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await queue.handled('a', event(1));
    order.push('published');
    expect(order).toEqual(['attempt 1', 'attempt 2', 'published']);
  });

  it('handles an event once that is published again before it was handled', async () => {
    const inbox = new Inbox<string>();
    await queue.handled('a', event(1));
    await queue.handled('a', event(1));
    await queue.handled('b', event(2));
    queue.open(({ subject }) => Promise.resolve(inbox.add(subject)));
    await queue.handled('c', event(3));
    expect(inbox.items).toEqual([
      'chat.conversation.1.noted',
      'chat.conversation.2.noted',
      'chat.conversation.3.noted',
    ]);
  });

  it('takes nothing new from one who closes, and waits for what runs', async () => {
    const inbox = new Inbox<string>();
    let finish = (): void => undefined;
    const subscription = queue.open(({ subject }) => {
      inbox.add(subject);
      return new Promise((resolve) => (finish = resolve));
    });
    const published = queue.handled('a', event(1));
    await inbox.has(1);
    let isClosed = false;
    const closing = subscription.close().then(() => (isClosed = true));
    await queue.handled('b', event(2));
    expect(isClosed).toBe(false);
    finish();
    await Promise.all([closing, published]);
    expect(inbox.items).toEqual(['chat.conversation.1.noted']);
  });
});
