import { EventBus, type OutgoingEvent } from '@parley/bus';
import { AppError } from '@parley/errors';
import { Injectable, Logger } from '@nestjs/common';
import { OutboxRepository } from './outbox.repository';

/** Rows whose events are out are removed together, this long after the first. */
const removeAfterMs = 250;

/** Events that wait for the broker at most. What comes on top, the relay publishes when the broker is well again. */
const maxUnconfirmed = 10_000;

/** Publishes what was committed, at once and from memory; what fails stays in the outbox for the relay. */
@Injectable()
export class OutboxPublisher {
  private readonly logger = new Logger(OutboxPublisher.name);
  /** Rows whose events are on their way. A number: a set of them would keep the messages alive that they announce. */
  private announcing = 0;
  private whenAnnounced: (() => void) | undefined;
  private published: string[] = [];
  private removal: NodeJS.Timeout | undefined;
  private unconfirmed = 0;
  private isFailing = false;

  constructor(
    private readonly bus: EventBus,
    private readonly repository: OutboxRepository,
  ) {}

  /** Starts to publish the events of an outbox row, and removes the row when the broker has them. */
  announce(outboxId: string, events: readonly OutgoingEvent[]): void {
    if (this.unconfirmed + events.length > maxUnconfirmed) return;
    this.announcing++;
    void this.publish(outboxId, events).then((isDone) => {
      if (isDone) this.removeSoon(outboxId);
      if (--this.announcing === 0) this.whenAnnounced?.();
    });
  }

  /**
   * Publishes the events of an outbox row.
   *
   * @returns true when the broker has all that it will ever take of them; never rejects.
   */
  async publish(outboxId: string, events: readonly OutgoingEvent[]): Promise<boolean> {
    this.unconfirmed += events.length;
    const failure = await this.bus.publish(events, { dedupId: `outbox:${outboxId}` }).then(
      () => undefined,
      (thrown: unknown) => AppError.from(thrown),
    );
    this.unconfirmed -= events.length;
    const isPassing = failure !== undefined && !this.isHopeless(failure);
    this.tell(isPassing ? failure : undefined);
    return !isPassing;
  }

  /** Waits for what is on its way, `timeoutMs` at most, and removes the rows that are done. */
  async drain(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    const announced = new Promise<void>((resolve) => (this.whenAnnounced = resolve));
    if (this.announcing > 0) await Promise.race([announced, late]);
    clearTimeout(timer);
    clearTimeout(this.removal);
    await this.removePublished();
  }

  /** No broker will ever take it: kept, it would be tried for ever. Clients find the message by their position. */
  private isHopeless(failure: AppError): boolean {
    if (failure.kind !== 'too_large') return false;
    this.logger.error({ msg: 'An event is too large for the broker and is dropped', err: failure });
    return true;
  }

  /** Says once that the broker does not take events, and once that it does again. */
  private tell(failure: AppError | undefined): void {
    if (failure !== undefined && !this.isFailing) {
      this.logger.warn({ msg: 'Events cannot be published; they stay in the outbox', err: failure });
    }
    if (failure === undefined && this.isFailing) this.logger.log('Events are published again');
    this.isFailing = failure !== undefined;
  }

  private removeSoon(outboxId: string): void {
    this.published.push(outboxId);
    this.removal ??= setTimeout(() => void this.removePublished(), removeAfterMs);
  }

  private async removePublished(): Promise<void> {
    this.removal = undefined;
    const ids = this.published;
    this.published = [];
    if (ids.length === 0) return;
    // Left behind they are published once more by the relay, which removes them: nothing to repair here.
    await this.repository
      .removeLazily(ids)
      .catch((err: unknown) => this.logger.warn({ msg: 'Published rows stay in the outbox', rows: ids.length, err }));
  }
}
