import { Injectable } from '@nestjs/common';
import { maxToldParticipants, type Receipt } from './receipt';
import { ReceiptDigest } from './receipt.digest';
import { ReceiptLog } from './receipt.log';

/** Takes note of cursors that sends have moved: for the log, and for those who want to know. */
@Injectable()
export class ReceiptRecorder {
  constructor(
    private readonly log: ReceiptLog,
    private readonly digest: ReceiptDigest,
  ) {}

  /** @param participantCount of the conversation: of large ones only the user's own devices are told. */
  record(receipt: Receipt, participantCount: number): void {
    this.log.append(receipt);
    this.digest.moved(participantCount <= maxToldParticipants ? receipt : { ...receipt, isOwn: true });
  }

  /** Tells and writes the last of it. */
  async close(): Promise<void> {
    this.digest.stop();
    await this.log.close();
  }
}
