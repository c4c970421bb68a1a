import { Logger } from '@nestjs/common';
import { AppError } from '@parley/errors';
import type { EventSubscription, ReceivedEvent } from '../event/event.bus';
import { maxEventsInHand, redeliveryDelayMs } from '../event/redelivery';
import { matcherOf } from '../event/subject.pattern';

type Handler = (event: ReceivedEvent) => Promise<void>;

interface Item {
  readonly dedupId: string;
  readonly event: ReceivedEvent;
  attempts: number;
  readonly done: Promise<void>;
  readonly resolve: () => void;
}

/** As long as a publisher waits for a broker's stream. */
const maxWaitMs = 5_000;

/** What a name may fall behind while nobody consumes under it; then the oldest events go, as in the broker's stream. */
const maxWaiting = 10_000;

/** The events of one durable name, kept until a handler has taken them. */
export class DurableQueue {
  readonly matches: (subject: string) => boolean;
  private readonly logger = new Logger(DurableQueue.name);
  private readonly unhandled = new Map<string, Item>();
  private readonly handlers: Handler[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private waiting: Item[] = [];
  private turn = 0;

  constructor(
    private readonly durable: string,
    pattern: string,
  ) {
    this.matches = matcherOf(pattern);
  }

  /**
   * Takes the event in and waits until a handler has taken it. While nobody consumes, it is only taken in.
   *
   * @throws AppError `service_unavailable` after 5 s; the event stays here and is tried further.
   */
  async handled(dedupId: string, event: ReceivedEvent): Promise<void> {
    const known = this.unhandled.get(dedupId);
    const item = known ?? this.take(dedupId, event);
    if (this.handlers.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const cause = new Error(`${this.durable} has not handled ${event.subject}`);
      timer = setTimeout(() => reject(new AppError('service_unavailable', { cause })), maxWaitMs);
    });
    await Promise.race([item.done, late]).finally(() => clearTimeout(timer));
  }

  /** Several handlers share the queue. */
  open(handler: Handler): EventSubscription {
    this.handlers.push(handler);
    this.pump();
    return {
      close: async () => {
        const at = this.handlers.indexOf(handler);
        if (at >= 0) this.handlers.splice(at, 1);
        await Promise.all(this.running);
      },
    };
  }

  async close(): Promise<void> {
    this.handlers.length = 0;
    for (const timer of this.retries) clearTimeout(timer);
    await Promise.all(this.running);
  }

  private take(dedupId: string, event: ReceivedEvent): Item {
    let resolve = (): void => undefined;
    const done = new Promise<void>((settle) => (resolve = settle));
    const item: Item = { dedupId, event, attempts: 0, done, resolve };
    this.unhandled.set(dedupId, item);
    this.waiting.push(item);
    const dropped = this.waiting.length > maxWaiting ? this.waiting.shift() : undefined;
    if (dropped) this.unhandled.delete(dropped.dedupId);
    this.pump();
    return item;
  }

  private pump(): void {
    while (this.running.size < maxEventsInHand && this.waiting.length > 0) {
      const handler = this.handlers[this.turn++ % this.handlers.length];
      const item = handler && this.waiting.shift();
      if (!item) return;
      const run = this.run(handler, item).finally(() => {
        this.running.delete(run);
        this.pump();
      });
      this.running.add(run);
    }
  }

  private async run(handler: Handler, item: Item): Promise<void> {
    item.attempts++;
    try {
      await handler(item.event);
      this.unhandled.delete(item.dedupId);
      item.resolve();
    } catch (err) {
      const { attempts, event } = item;
      this.logger.warn({
        msg: 'An event will come again',
        durable: this.durable,
        subject: event.subject,
        attempts,
        err,
      });
      const timer = setTimeout(() => {
        this.retries.delete(timer);
        this.waiting.push(item);
        this.pump();
      }, redeliveryDelayMs(attempts));
      this.retries.add(timer);
    }
  }
}
