import { Logger } from '@nestjs/common';
import type { ConversationId, MessageId, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { Receipt } from './receipt';
import { ReceiptLog } from './receipt.log';
import type { ReceiptRepository } from './receipt.repository';

Logger.overrideLogger(false);

const receipt = (upToSeq: number): Receipt => ({
  conversationId: '1' as ConversationId,
  userId: 'bob' as UserId,
  kind: 'read',
  upToSeq,
  messageId: String(100 + upToSeq) as MessageId,
  at: '2026-01-20T10:00:00.000Z',
});

/** A database that is away for a while. */
class Table {
  readonly rows: number[] = [];
  isAway = false;

  append(receipts: readonly Receipt[]): Promise<void> {
    if (this.isAway) return Promise.reject(new AppError('service_unavailable'));
    this.rows.push(...receipts.map(({ upToSeq }) => upToSeq));
    return Promise.resolve();
  }
}

describe('ReceiptLog', () => {
  let table: Table;
  let log: ReceiptLog;

  beforeEach(() => {
    jest.useFakeTimers();
    table = new Table();
    log = new ReceiptLog(table as unknown as ReceiptRepository);
  });
  afterEach(() => jest.useRealTimers());

  it('writes receipts together, soon', async () => {
    log.append(receipt(1));
    log.append(receipt(2));
    expect(table.rows).toEqual([]);
    await jest.advanceTimersByTimeAsync(250);
    expect(table.rows).toEqual([1, 2]);
  });

  it('keeps what the database does not take, in order, until it does', async () => {
    table.isAway = true;
    log.append(receipt(1));
    await jest.advanceTimersByTimeAsync(250);
    log.append(receipt(2));
    await jest.advanceTimersByTimeAsync(5_000);
    table.isAway = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(table.rows).toEqual([1, 2]);
  });

  it('writes the rest when it closes', async () => {
    log.append(receipt(1));
    await log.close();
    expect(table.rows).toEqual([1]);
  });
});
