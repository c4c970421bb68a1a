import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { errors, type Msg } from '@nats-io/transport-node';
import { type ChatEvent, type PayloadOf, subjectOf } from '@parley/contracts';
import {
  type Disruption,
  EventBus,
  type EventListener,
  type EventSubscription,
  type ReceivedEvent,
} from '../event/event.bus';
import { LazyEvent } from '../event/received.event';
import { NatsConnector } from './nats.connector';
import { NatsConsumer } from './nats.consumer';
import { natsFailure, notConnected } from './nats.errors';
import { NatsStream } from './nats.stream';

const publishTimeoutMs = 5_000;

/** Events over NATS: durable ones through JetStream, subscriptions on core NATS, past which the same messages flow. */
@Injectable()
export class NatsEventBus extends EventBus implements BeforeApplicationShutdown {
  private readonly logger = new Logger(NatsEventBus.name);
  private readonly consumers = new Set<NatsConsumer>();
  private client: JetStreamClient | undefined;

  constructor(
    private readonly connector: NatsConnector,
    private readonly stream: NatsStream,
  ) {
    super();
  }

  override async publish<E extends ChatEvent<'conversation' | 'user'>>(
    event: E,
    id: string,
    payload: PayloadOf<E>,
    { dedupId }: { readonly dedupId: string },
  ): Promise<void> {
    // While the connection is away the library would keep the event and send it late.
    const connection = this.connector.current;
    if (!connection) throw notConnected();
    this.client ??= jetstream(connection);
    const subject = this.connector.toWire(subjectOf(event, id));
    try {
      await this.client.publish(subject, JSON.stringify(payload), { msgID: dedupId, timeout: publishTimeoutMs });
    } catch (cause) {
      if (hasNoStream(cause)) this.stream.ensureAgain();
      throw natsFailure(cause);
    }
  }

  override broadcast<E extends ChatEvent<'live'>>(event: E, payload: PayloadOf<E>): void {
    try {
      this.connector.current?.publish(this.connector.toWire(subjectOf(event)), JSON.stringify(payload));
    } catch (err) {
      this.logger.warn({ msg: 'A live event could not be sent', event: event.name, err });
    }
  }

  override async subscribe(pattern: string, listener: EventListener): Promise<EventSubscription> {
    const connection = await this.connector.whenConnected();
    const subscription = connection.subscribe(this.connector.toWire(pattern), {
      callback: (error, message) => this.received(error, message, listener),
    });
    await connection.flush();
    return {
      close: async () => {
        if (!subscription.isClosed() && !connection.isClosed()) await subscription.drain();
      },
    };
  }

  override async consume(
    options: { readonly durable: string; readonly pattern: string },
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

  private received(error: Error | null, message: Msg, listener: EventListener): void {
    if (error) {
      this.logger.error({ msg: 'A subscription broke', err: error });
      return;
    }
    const subject = this.connector.fromWire(message.subject);
    try {
      if (listener.accepts(subject)) listener.receive(new LazyEvent(subject, () => message.json()));
    } catch (err) {
      this.logger.error({ msg: 'A listener broke', subject, err });
    }
  }
}

/** Nobody listens on the subject, not even a stream. */
function hasNoStream(failure: unknown): boolean {
  const cause = failure instanceof Error ? failure.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}
