import { Database } from '@parley/database';
import { Injectable, Logger } from '@nestjs/common';
import { OutboxPublisher } from './outbox.publisher';
import { OutboxRepository } from './outbox.repository';

const intervalMs = 1_000;

/** Younger rows are still being published by the process that wrote them. */
const minAgeSeconds = 3;

const maxRows = 100;

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

  /** Relays until nothing old enough is left. Never rejects. */
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
   * @returns how many rows it published. It ends at the first that the broker does not take.
   */
  relayOnce(minAge = minAgeSeconds): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await this.repository.claim(tx, minAge, maxRows);
      const done: string[] = [];
      for (const row of rows) {
        if (!(await this.publisher.publish(row.id, await this.repository.listEvents(tx, row)))) break;
        done.push(row.id);
      }
      if (done.length > 0) await this.repository.remove(tx, done);
      return done.length;
    });
  }
}
