import { type Disruption, EventBus, type EventSubscription, type OutgoingEvent } from '@parley/bus';
import {
  type ChatEvent,
  type ConversationId,
  type PayloadOf,
  readJson,
  type Rev,
  subjectOf,
  writeJson,
} from '@parley/contracts';

/** For tests: a broker that keeps what several processes announce, in the order of its arrival. */
export class RecordingEventBus extends EventBus {
  readonly published: OutgoingEvent[] = [];
  private waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];

  override publish(events: readonly OutgoingEvent[]): Promise<void> {
    // As it would arrive elsewhere.
    for (const { subject, payload } of events)
      this.published.push({ subject, payload: JSON.parse(writeJson(payload)) });
    const waiting = this.waiting;
    this.waiting = waiting.filter(({ isDone }) => !isDone());
    for (const { isDone, resolve } of waiting) if (isDone()) resolve();
    return Promise.resolve();
  }

  /** The payloads of one event about one conversation. */
  of<E extends ChatEvent<'conversation'>>(event: E, id: ConversationId): PayloadOf<E>[] {
    return this.published
      .filter(({ subject }) => subject === subjectOf(event, id))
      .map(({ payload }) => event.payload.parse(readJson(JSON.stringify(payload), event.rawField)) as PayloadOf<E>);
  }

  /** The revs that were announced of one conversation to all in it, as often as they were. */
  revsOf(id: ConversationId): Rev[] {
    return this.published
      .filter(({ subject }) => subject.startsWith(`chat.conversation.${id}.`))
      .flatMap(({ payload }) => (payload as { rev?: Rev }).rev ?? []);
  }

  /** Resolves when a conversation's change `rev` is announced. */
  heard(id: ConversationId, rev: Rev): Promise<void> {
    const isDone = () => this.revsOf(id).includes(rev);
    return isDone() ? Promise.resolve() : new Promise((resolve) => this.waiting.push({ isDone, resolve }));
  }

  override broadcast(): void {}

  override subscribe(): Promise<EventSubscription> {
    return Promise.resolve({ close: () => Promise.resolve() });
  }

  override consume(): Promise<EventSubscription> {
    return this.subscribe();
  }

  override onDisruption(_listener: (reason: Disruption) => void): void {}
}
