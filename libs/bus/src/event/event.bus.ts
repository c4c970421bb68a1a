import type { ChatEvent, PayloadOf } from '@parley/contracts';
import type { OutgoingEvent } from './outgoing.event';

/** An event as it arrived, not parsed yet. */
export interface ReceivedEvent {
  /** Without the deployment's prefix: `chat.conversation.<id>.<name>`. */
  readonly subject: string;
  /**
   * The payload, checked against the event's schema. Which event it is, the subject tells.
   *
   * @throws AppError `internal_error` when it does not fit.
   */
  parse<E extends ChatEvent>(event: E): PayloadOf<E>;
}

export interface EventListener {
  /** Runs for every event of the pattern, before anything is parsed: has to be fast. */
  accepts(subject: string): boolean;
  /** What it throws is logged and hurts nobody else. */
  receive(event: ReceivedEvent): void;
}

export interface EventSubscription {
  /** Resolves when no more events come and the handlers that run have ended. */
  close(): Promise<void>;
}

/** Why events may have been missed: the connection was lost for a while, or this process reads too slowly. */
export type Disruption = 'reconnected' | 'slow_consumer';

export interface ConsumerOptions {
  /** Letters, digits, `_` and `-`; one name, one pattern. */
  readonly durable: string;
  readonly pattern: string;
  /** None of these events is bulk (see `ChatEvent`): the consumer is not even handed such. */
  readonly isSpared?: boolean;
}

/** Facts between services. The Nest token of the transport's implementation. */
export abstract class EventBus {
  /**
   * Announces durable facts (`outgoing(event, id, payload)`); those of one call travel together and in their order.
   *
   * @param options.dedupId the same facts under the same id within two minutes are kept and handed to consumers once;
   *   subscribers may hear them again.
   * @returns when the stream holds all of them. Many calls may be in flight; then the order of the calls is not kept.
   * @throws AppError `service_unavailable` when that is not sure; `payload_too_large` when only a fact that is more than one
   *   message can hold is missing.
   */
  abstract publish(events: readonly OutgoingEvent[], options: { readonly dedupId: string }): Promise<void>;

  /** Announces something that may be lost. Never throws. */
  abstract broadcast<E extends ChatEvent<'live'>>(event: E, payload: PayloadOf<E>): void;

  /**
   * Hears events as they pass, in every process and each subscription by itself. What passes during a disruption is lost.
   *
   * @param pattern a subject, where `*` stands for one word and a last `>` for one or more.
   * @returns when the subscription is in force: all that is published from then on is heard.
   */
  abstract subscribe(pattern: string, listener: EventListener): Promise<EventSubscription>;

  /**
   * Handles every durable event of `pattern` at least once, each in one of the processes that share the name `durable`.
   *
   * The name remembers what was handled: after a restart it goes on from there, and a new one starts with the oldest
   * event that the stream has. Several events are handled at a time and a failed one comes again (after 0.1 s, doubling
   * up to 30 s, without end), with those that were published with it: handlers must be idempotent and must not rely on order.
   */
  abstract consume(
    options: ConsumerOptions,
    handler: (event: ReceivedEvent) => Promise<void>,
  ): Promise<EventSubscription>;

  /** Hears when events may have been missed, so that state can be compared with its source. */
  abstract onDisruption(listener: (reason: Disruption) => void): void;
}
