import { EventBus } from '@parley/bus';
import { ReceiptsMoved } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { Receipt } from './receipt';

/** A cursor that moves again within this time is told once. */
const intervalMs = 1_000;

/** Receipts in one event: about 400 KB of JSON at most. */
const maxReceipts = 1_500;

/** Tells gateways whose cursors moved: at once after a silence, then once a second, each cursor where it stands last. */
@Injectable()
export class ReceiptDigest {
  private readonly receipts = new Map<string, Receipt>();
  private timer: NodeJS.Timeout | undefined;
  private toldAt = 0;

  constructor(private readonly bus: EventBus) {}

  moved(receipt: Receipt): void {
    this.receipts.set(`${receipt.kind}\0${receipt.conversationId}\0${receipt.userId}`, receipt);
    this.timer ??= setTimeout(() => this.tell(), Math.max(0, this.toldAt + intervalMs - Date.now()));
  }

  /** Tells the last of it. */
  stop(): void {
    clearTimeout(this.timer);
    this.tell();
  }

  private tell(): void {
    this.timer = undefined;
    this.toldAt = Date.now();
    const receipts = [...this.receipts.values()];
    this.receipts.clear();
    for (let i = 0; i < receipts.length; i += maxReceipts) {
      this.bus.broadcast(ReceiptsMoved, { v: 1, receipts: receipts.slice(i, i + maxReceipts) });
    }
  }
}
