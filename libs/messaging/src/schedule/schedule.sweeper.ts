import { MessagingConfig } from '@parley/config';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { MessageService } from '../message/message.service';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import type { SchedulePlace } from './schedule.cursor';
import { type ScheduledRow, toDueMessage, toScheduledFailed } from './schedule.mapper';
import { type DueRow, ScheduleRepository } from './schedule.repository';

/** Messages that are claimed, sent and settled together. */
const maxRows = 100;

/** How long a send may wait to be written: well below what PostgreSQL lets a transaction be idle. */
const sendTimeoutMs = 3_000;

/** What was settled is known for so long, to tell "too late" from "never was"; then its key alone is kept. */
const knownSeconds = 7 * 24 * 3_600;
const forgettingIntervalMs = 3_600_000;
const maxForgotten = 1_000;

const beforeAll: SchedulePlace = { sendAt: '-infinity', id: '0' };

/** What became of a message that was due; undefined: it goes on waiting. */
type Outcome = { readonly failure?: AppError } | undefined;

/**
 * Sends scheduled messages when they are due, by the database's clock.
 *
 * Every process has one. A row is in the hands of one of them at a time, and is sent under the key that scheduled it: what
 * a crash interrupts between the send and its note, the next one finds sent.
 */
@Injectable()
export class ScheduleSweeper {
  private readonly logger = new Logger(ScheduleSweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private underway: Promise<void> = Promise.resolve();
  private isStopped = false;
  private isFailing = false;
  private forgottenAt = 0;

  constructor(
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
    private readonly database: Database,
    private readonly repository: ScheduleRepository,
    private readonly messages: MessageService,
    private readonly outbox: OutboxRepository,
    private readonly publisher: OutboxPublisher,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.underway = this.trySweep().finally(() => {
        if (!this.isStopped) this.start();
      });
    }, this.config.scheduleIntervalMs);
  }

  /** Begins no more, and resolves when what it is at is done. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.underway;
  }

  /**
   * Sends all that is due and that no other process is at. What cannot be sent just now goes on waiting, and holds up
   * nothing behind it.
   *
   * @returns how many were settled.
   */
  async sweep(): Promise<number> {
    let settled = 0;
    for (let place: SchedulePlace | undefined = beforeAll; place !== undefined && !this.isStopped;) {
      const page = await this.sweepPage(place);
      settled += page.settled;
      place = page.next;
    }
    return settled;
  }

  /** Never rejects. */
  private async trySweep(): Promise<void> {
    try {
      await this.sweep();
      await this.forgetOld();
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) this.logger.warn({ msg: 'Scheduled messages cannot be sent; trying on', err });
      this.isFailing = true;
    }
  }

  private async sweepPage(after: SchedulePlace): Promise<{ settled: number; next: SchedulePlace | undefined }> {
    const { rows, settled, events, outboxId } = await this.database.transaction(async (tx) => {
      const rows = await this.repository.claimDue(tx, after, maxRows);
      return { rows, ...(await this.settle(tx, rows, await this.sendAll(rows))) };
    });
    if (outboxId !== undefined) this.publisher.announce(outboxId, events);
    const last = rows.length === maxRows ? rows.at(-1) : undefined;
    return { settled, next: last && { sendAt: last.send_at, id: last.id } };
  }

  /** In their order, which the senders' messages keep. */
  private sendAll(rows: readonly DueRow[]): Promise<Outcome[]> {
    const deadlineAt = Date.now() + sendTimeoutMs;
    return Promise.all(rows.map((row) => this.send(row, deadlineAt)));
  }

  /** A ban keeps from sending those who call; here nobody calls. */
  private async send(row: DueRow, deadlineAt: number): Promise<Outcome> {
    if (row.is_refused) return { failure: new AppError('user_banned') };
    try {
      await this.messages.sendScheduled(toDueMessage(row), deadlineAt);
      return {};
    } catch (thrown) {
      const failure = AppError.from(thrown);
      return failure.retryable ? undefined : { failure };
    }
  }

  private async settle(tx: Queryable, rows: readonly ScheduledRow[], outcomes: readonly Outcome[]) {
    const done = rows.filter((_, i) => outcomes[i] !== undefined);
    const events = rows.flatMap((row, i) => {
      const failure = outcomes[i]?.failure;
      return failure ? [toScheduledFailed(row, failure)] : [];
    });
    if (done.length > 0) {
      await this.repository.settle(
        tx,
        done.map(({ id }) => id),
      );
    }
    const outboxId = events.length > 0 ? await this.outbox.insert(tx, events) : undefined;
    return { settled: done.length, events, outboxId };
  }

  private async forgetOld(): Promise<void> {
    const now = Date.now();
    if (now - this.forgottenAt < forgettingIntervalMs) return;
    this.forgottenAt = now;
    while (!this.isStopped && (await this.repository.forgetSettled(knownSeconds, maxForgotten)) === maxForgotten);
  }
}
