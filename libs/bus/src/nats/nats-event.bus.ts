import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { Msg } from '@nats-io/transport-node';
import { type ChatEvent, type PayloadOf, subjectOf } from '@parley/contracts';
import { AppError } from '@parley/errors';
import {
  type ConsumerOptions,
  type Disruption,
  EventBus,
  type EventListener,
  type EventSubscription,
  type ReceivedEvent,
} from '../event/event.bus';
import { bundlesOf, bundleSubjects, type EventBundle, eventsIn } from '../event/event.bundle';
import type { OutgoingEvent } from '../event/outgoing.event';
import { LazyEvent } from '../event/received.event';
import { matcherOf } from '../event/subject.pattern';
import { NatsConnector } from './nats.connector';
import { NatsConsumer } from './nats.consumer';
import { notConnected } from './nats.errors';
import { NoStreamError } from './nats.publications';
import { NatsStream } from './nats.stream';

const publishTimeoutMs = 5_000;

type Callback = (error: Error | null, message: Msg) => void;

/** Events over NATS: durable ones through JetStream, subscriptions on core NATS, past which the same messages flow. */
@Injectable()
export class NatsEventBus extends EventBus implements BeforeApplicationShutdown {
  private readonly logger = new Logger(NatsEventBus.name);
  private readonly consumers = new Set<NatsConsumer>();

  constructor(
    private readonly connector: NatsConnector,
    private readonly stream: NatsStream,
  ) {
    super();
  }

  override async publish(events: readonly OutgoingEvent[], { dedupId }: { readonly dedupId: string }): Promise<void> {
    const outcomes = await Promise.allSettled(bundlesOf(events).map((bundle) => this.store(bundle, dedupId)));
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [AppError.from(outcome.reason)] : [],
    );
    const passing = failures.find(({ retryable }) => retryable) ?? failures[0];
    if (passing) throw passing;
  }

  override broadcast<E extends ChatEvent<'live'>>(event: E, payload: PayloadOf<E>): void {
    try {
      this.connector.current?.connection.publish(this.connector.toWire(subjectOf(event)), JSON.stringify(payload));
    } catch (err) {
      this.logger.warn({ msg: 'A live event could not be sent', event: event.name, err });
    }
  }

  override async subscribe(pattern: string, listener: EventListener): Promise<EventSubscription> {
    const { connection } = await this.connector.whenConnected();
    const isDurable = pattern.startsWith('chat.');
    const subscription = isDurable
      ? connection.subscribe(this.connector.toWire(bundleSubjects.all), { callback: this.bundles(pattern, listener) })
      : connection.subscribe(this.connector.toWire(pattern), { callback: this.liveEvents(listener) });
    await connection.flush();
    return {
      close: async () => {
        if (!subscription.isClosed() && !connection.isClosed()) await subscription.drain();
      },
    };
  }

  override async consume(
    options: ConsumerOptions,
    handler: (event: ReceivedEvent) => Promise<void>,
  ): Promise<EventSubscription> {
    const consumer = await NatsConsumer.start(this.connector, this.stream, options, handler);
    this.consumers.add(consumer);
    return {
      close: async () => {
        this.consumers.delete(consumer);
        await consumer.close();
      },
    };
  }

  override onDisruption(listener: (reason: Disruption) => void): void {
    this.connector.onDisruption(listener);
  }

  /** Before the connection is drained, so that what was handled can still be acknowledged. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
  }

  private async store({ text, name, subject: bundleSubject }: EventBundle, dedupId: string): Promise<void> {
    // While the connection is away the library would keep the events and send them late.
    const link = this.connector.current;
    if (!link) throw notConnected();
    const subject = this.connector.toWire(bundleSubject);
    try {
      await link.publications.store({ subject, text, id: `${dedupId}:${name}`, timeoutMs: publishTimeoutMs });
    } catch (error) {
      if (error instanceof AppError && error.cause instanceof NoStreamError) this.stream.ensureAgain();
      throw error;
    }
  }

  private bundles(pattern: string, listener: EventListener): Callback {
    const matches = matcherOf(pattern);
    const accepts = (subject: string): boolean => matches(subject) && listener.accepts(subject);
    return this.guarded((message) => {
      for (const event of eventsIn(message.string(), accepts)) this.hand(event, listener);
    });
  }

  private liveEvents(listener: EventListener): Callback {
    return this.guarded((message) => {
      const subject = this.connector.fromWire(message.subject);
      if (listener.accepts(subject)) this.hand(new LazyEvent(subject, () => message.json()), listener);
    });
  }

  private guarded(hear: (message: Msg) => void): Callback {
    return (error, message) => {
      if (error) {
        this.logger.error({ msg: 'A subscription broke', err: error });
        return;
      }
      try {
        hear(message);
      } catch (err) {
        this.logger.error({ msg: 'A listener broke', subject: message.subject, err });
      }
    };
  }

  private hand(event: ReceivedEvent, listener: EventListener): void {
    try {
      listener.receive(event);
    } catch (err) {
      this.logger.error({ msg: 'A listener broke', subject: event.subject, err });
    }
  }
}
