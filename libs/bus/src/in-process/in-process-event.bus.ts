import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type ChatEvent, type PayloadOf, subjectOf } from '@parley/contracts';
import {
  type ConsumerOptions,
  EventBus,
  type EventListener,
  type EventSubscription,
  type ReceivedEvent,
} from '../event/event.bus';
import type { OutgoingEvent } from '../event/outgoing.event';
import { LazyEvent } from '../event/received.event';
import { matcherOf } from '../event/subject.pattern';
import { DurableQueue } from './durable.queue';
import { inProcessOptions, type InProcessOptions, transfer } from './in-process.options';

/**
 * Events within one process.
 *
 * There is no stream that outlives the process. Instead `publish` waits for the consumers, so that an outbox which
 * removes its rows after `publish` loses nothing to a crash.
 */
@Injectable()
export class InProcessEventBus extends EventBus implements OnApplicationShutdown {
  private readonly logger = new Logger(InProcessEventBus.name);
  private readonly listeners = new Set<{
    readonly matches: (subject: string) => boolean;
    readonly listener: EventListener;
  }>();
  private readonly queues = new Map<string, DurableQueue>();

  constructor(@Inject(inProcessOptions) private readonly options: InProcessOptions) {
    super();
  }

  override async publish(events: readonly OutgoingEvent[], { dedupId }: { readonly dedupId: string }): Promise<void> {
    const handled = events.flatMap(({ subject, payload }, place) => {
      const received = this.announce(subject, payload);
      const queues = [...this.queues.values()].filter((queue) => queue.matches(subject));
      return queues.map((queue) => queue.handled(`${dedupId}:${place}`, received));
    });
    if (handled.length > 0) await Promise.all(handled);
  }

  override broadcast<E extends ChatEvent<'live'>>(event: E, payload: PayloadOf<E>): void {
    this.announce(subjectOf(event), payload);
  }

  override subscribe(pattern: string, listener: EventListener): Promise<EventSubscription> {
    const entry = { matches: matcherOf(pattern), listener };
    this.listeners.add(entry);
    return Promise.resolve({
      close: () => {
        this.listeners.delete(entry);
        return Promise.resolve();
      },
    });
  }

  override consume(
    { durable, pattern }: ConsumerOptions,
    handler: (event: ReceivedEvent) => Promise<void>,
  ): Promise<EventSubscription> {
    let queue = this.queues.get(durable);
    if (!queue) this.queues.set(durable, (queue = new DurableQueue(durable, pattern)));
    return Promise.resolve(queue.open(handler));
  }

  /** Nothing comes between publisher and subscriber here. */
  override onDisruption(): void {}

  async onApplicationShutdown(): Promise<void> {
    this.listeners.clear();
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  /** Hands the event over after the publisher's own stack, in the order of publishing. */
  private announce(subject: string, payload: unknown): ReceivedEvent {
    const received = new LazyEvent(subject, transfer(payload, this.options), this.options.roundTrip);
    queueMicrotask(() => {
      for (const { matches, listener } of this.listeners) {
        try {
          if (matches(subject) && listener.accepts(subject)) listener.receive(received);
        } catch (err) {
          this.logger.error({ msg: 'A listener broke', subject, err });
        }
      }
    });
    return received;
  }
}
