import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  jetstreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { ConsumerOptions, EventSubscription, ReceivedEvent } from '../event/event.bus';
import { bundleSubjects, eventsIn } from '../event/event.bundle';
import { maxEventsInHand, redeliveryDelayMs } from '../event/redelivery';
import { matcherOf } from '../event/subject.pattern';
import type { NatsConnector } from './nats.connector';
import type { NatsStream } from './nats.stream';

type Handler = (event: ReceivedEvent) => Promise<void>;

/** A handler that takes longer, in milliseconds, is taken for dead: the event goes to another process as well. */
const ackWaitMs = 30_000;

/** Over all processes; beyond it the stream hands nothing out until some are handled. */
const maxAckPending = 1_000;

/** `consumer not found` of the JetStream API. */
const consumerNotFound = 10_014;

const retryMs = 1_000;

/** One durable pull consumer of the stream, kept going over everything that ends it but `close`. */
export class NatsConsumer implements EventSubscription {
  private readonly logger = new Logger(NatsConsumer.name);
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly stopped: AbortSignal;
  private messages: ConsumerMessages | undefined;
  private ended: Promise<void> = Promise.resolve();

  private constructor(
    private readonly connector: NatsConnector,
    private readonly stream: NatsStream,
    private readonly options: ConsumerOptions,
    private readonly handler: Handler,
  ) {
    this.stopped = AbortSignal.any([this.closing.signal, connector.closed]);
  }

  /** Resolves when the consumer exists and events are on their way. */
  static async start(
    connector: NatsConnector,
    stream: NatsStream,
    options: ConsumerOptions,
    handler: Handler,
  ): Promise<NatsConsumer> {
    const consumer = new NatsConsumer(connector, stream, options, handler);
    await new Promise<void>((resolve) => {
      consumer.ended = consumer.keepGoing(resolve);
    });
    return consumer;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.messages?.close();
    await this.ended;
    await Promise.all(this.running);
  }

  private async keepGoing(started: () => void): Promise<void> {
    const signal = this.stopped;
    while (!signal.aborted) {
      try {
        this.messages = await this.open();
        started();
        if (signal.aborted) await this.messages.close();
        await this.take(this.messages);
      } catch (err) {
        const { durable } = this.options;
        if (!signal.aborted) this.logger.warn({ msg: 'A consumer stopped; starting it again', durable, err });
      }
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
    started();
  }

  private async open(): Promise<ConsumerMessages> {
    await this.whenReady();
    const manager = await jetstreamManager((await this.connector.whenConnected()).connection, { checkAPI: false });
    const { durable } = this.options;
    const config = this.wanted();
    try {
      await manager.consumers.update(this.stream.name, durable, config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== consumerNotFound) throw error;
      await manager.consumers.add(this.stream.name, {
        ...config,
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
      });
    }
    const consumer = await manager.jetstream().consumers.get(this.stream.name, durable);
    return consumer.consume({ max_messages: maxEventsInHand, abort_on_missing_resource: true });
  }

  /**
   * Resolves when the stream is there. It may be long until it can be made, and the process that shuts down closes its
   * consumers before its connection.
   *
   * @throws Error when the consumer is stopped before.
   */
  private async whenReady(): Promise<void> {
    const over = new AbortController();
    const stopped = once(this.stopped, 'abort', { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.stream.whenReady(), stopped]);
    over.abort();
    this.stopped.throwIfAborted();
  }

  private wanted() {
    return {
      filter_subject: this.connector.toWire(this.options.isSpared ? bundleSubjects.facts : bundleSubjects.all),
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxAckPending,
    } satisfies Partial<ConsumerConfig>;
  }

  private async take(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      const run = this.handle(message).finally(() => this.running.delete(run));
      this.running.add(run);
      if (this.running.size >= maxEventsInHand) await Promise.race(this.running);
    }
  }

  private async handle(message: JsMsg): Promise<void> {
    const { durable, pattern } = this.options;
    try {
      const events = [...eventsIn(message.string(), matcherOf(pattern))];
      await Promise.all(events.map((event) => this.handler(event)));
      message.ack();
    } catch (err) {
      const attempts = message.info.deliveryCount;
      this.logger.warn({ msg: 'Events will come again', durable, pattern, attempts, err });
      this.refuse(message, redeliveryDelayMs(attempts));
    }
  }

  /** Without a connection nothing has to be said: what is not acknowledged comes again by itself. */
  private refuse(message: JsMsg, delayMs: number): void {
    try {
      message.nak(delayMs);
    } catch (err) {
      this.logger.debug({ msg: 'A refusal could not be sent', err });
    }
  }
}
