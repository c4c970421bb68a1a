import { Injectable, Logger } from '@nestjs/common';
import type { Receipt } from './receipt';
import { ReceiptRepository } from './receipt.repository';

/** Receipts are written together, this long after the first. */
const writeAfterMs = 250;

/** How long until they are tried again where the database did not take them. */
const retryAfterMs = 1_000;

/** What waits at most; past that the log has holes, and a message's time of reading is that of a later receipt. */
const maxWaiting = 50_000;

/**
 * The log of what sends have read: a send takes its sender's cursor along in its own statement, and the times of it are
 * written behind. A crash loses the last of them, never a cursor.
 */
@Injectable()
export class ReceiptLog {
  private readonly logger = new Logger(ReceiptLog.name);
  private waiting: Receipt[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isFailing = false;
  private isClosed = false;

  constructor(private readonly repository: ReceiptRepository) {}

  append(receipt: Receipt): void {
    if (this.waiting.length >= maxWaiting) return;
    this.waiting.push(receipt);
    this.timer ??= setTimeout(() => void this.write(), writeAfterMs);
  }

  /** Writes the rest, if the database takes it. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.write();
  }

  /** Never rejects. What the database does not take now is tried again, with what has come meanwhile. */
  private async write(): Promise<void> {
    this.timer = undefined;
    const receipts = this.waiting;
    this.waiting = [];
    if (receipts.length === 0) return;
    try {
      await this.repository.append(receipts);
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) this.logger.warn({ msg: 'Receipts cannot be logged; they wait', err });
      this.isFailing = true;
      this.waiting = [...receipts, ...this.waiting].slice(0, maxWaiting);
      if (!this.isClosed) this.timer ??= setTimeout(() => void this.write(), retryAfterMs);
    }
  }
}
