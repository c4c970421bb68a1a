import { EventBus } from '@parley/bus';
import { type ConversationId, HeadsMoved } from '@parley/contracts';
import { Injectable } from '@nestjs/common';

const intervalMs = 1_000;

/** Heads in one event: about 150 KB of JSON. */
const maxHeads = 5_000;

/** Tells gateways once a second where conversations stand that this process moved, so that a lost last event is noticed. */
@Injectable()
export class HeadsDigest {
  private readonly heads = new Map<ConversationId, readonly [seq: number, rev: number]>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly bus: EventBus) {}

  /** A conversation stands at `seq` and `rev` now. */
  moved(conversationId: ConversationId, seq: number, rev: number): void {
    this.heads.set(conversationId, [seq, rev]);
  }

  start(): void {
    this.timer = setInterval(() => this.tell(), intervalMs);
  }

  /** Tells the last of it. */
  stop(): void {
    clearInterval(this.timer);
    this.tell();
  }

  private tell(): void {
    const heads = [...this.heads].map(([id, [seq, rev]]) => [id, seq, rev] as [ConversationId, number, number]);
    this.heads.clear();
    for (let i = 0; i < heads.length; i += maxHeads) {
      this.bus.broadcast(HeadsMoved, { v: 1, heads: heads.slice(i, i + maxHeads) });
    }
  }
}
