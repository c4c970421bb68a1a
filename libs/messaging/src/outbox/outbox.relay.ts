import { Database, type Queryable } from '@parley/database';
import { Injectable, Logger } from '@nestjs/common';
import { OutboxPublisher } from './outbox.publisher';
import { OutboxRepository, type OutboxRow } from './outbox.repository';

const intervalMs = 1_000;

/** Younger rows are still being published by the process that wrote them. */
const minAgeSeconds = 3;

/** Rows of one round at most. */
const maxRows = 100;

/** Rows that are on their way to the broker together: what they announce is in memory until it is there. */
const maxAtOnce = 20;

/**
 * A round begins to publish no more after so long. Its transaction stands idle while the broker thinks, for another 5 s at
 * most, and PostgreSQL ends one that does so for 10 s: then no row would be removed, and the next round would publish the same.
 */
const maxRoundMs = 3_000;

/** Publishes what a process left behind that crashed, or could not reach the broker, between its commit and the broker. */
@Injectable()
export class OutboxRelay {
  private readonly logger = new Logger(OutboxRelay.name);
  private timer: NodeJS.Timeout | undefined;
  private underway: Promise<void> = Promise.resolve();
  private isStopped = false;
  private isFailing = false;

  constructor(
    private readonly database: Database,
    private readonly repository: OutboxRepository,
    private readonly publisher: OutboxPublisher,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.underway = this.relay().finally(() => {
        if (!this.isStopped) this.start();
      });
    }, intervalMs);
  }

  /** Begins no more, and resolves when what it is at is done. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.underway;
  }

  /** Relays until nothing old enough is left, or the broker does not keep up. Never rejects. */
  private async relay(): Promise<void> {
    try {
      while (!this.isStopped && (await this.relayOnce()) === maxRows);
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) this.logger.warn({ msg: 'The outbox cannot be relayed; trying on', err });
      this.isFailing = true;
    }
  }

  /**
   * One round, for rows of `minAge` seconds and more.
   *
   * @returns how many rows it published. It ends where the broker does not take one, and before its session is ended.
   */
  relayOnce(minAge = minAgeSeconds): Promise<number> {
    return this.database.transaction(async (tx) => {
      const endsAt = performance.now() + maxRoundMs;
      const rows = await this.repository.claim(tx, minAge, maxRows);
      const done: string[] = [];
      // The first goes alone: it is enough to see whether the broker takes any.
      for (let from = 0, to = 1; from < rows.length && performance.now() < endsAt; from = to, to += maxAtOnce) {
        const some = rows.slice(from, to);
        const published = await this.publish(tx, some);
        done.push(...published);
        if (published.length < some.length) break;
      }
      if (done.length > 0) await this.repository.remove(tx, done);
      return done.length;
    });
  }

  /** All at once: the bus keeps no order between rows anyway, and changes have their `rev`. @returns which the broker has. */
  private async publish(tx: Queryable, rows: readonly OutboxRow[]): Promise<string[]> {
    const publishing: Promise<boolean>[] = [];
    for (const row of rows) publishing.push(this.publisher.publish(row.id, await this.repository.listEvents(tx, row)));
    const outcomes = await Promise.all(publishing);
    return rows.filter((_, place) => outcomes[place]).map(({ id }) => id);
  }
}
