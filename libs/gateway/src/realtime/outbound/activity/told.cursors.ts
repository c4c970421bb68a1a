import type { PayloadOf, ReceiptsMoved, Seq } from '@parley/contracts';

type Receipt = PayloadOf<typeof ReceiptsMoved>['receipts'][number];

interface Told {
  readonly upToSeq: Seq;
  readonly at: number;
}

/** How long it is known what was told, in milliseconds: several times as long as receipts wait to be told together. */
const keptMs = 10_000;
/** Cursors of which it is known; of more, the earliest are forgotten. */
const maxKept = 50_000;

/**
 * How far the sockets here were told lately that cursors stand.
 *
 * Each process of the service tells of the moves that it made itself, so that two moves of one cursor may be heard in either
 * order; shown as they come, a message would be read and then unread again.
 */
export class ToldCursors {
  /** The earliest first. */
  private readonly told = new Map<string, Told>();

  /** @param now the time in milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Notes that a cursor is told. @returns false where it was told lately that it stands there or further. */
  advance({ conversationId, userId, kind, upToSeq }: Receipt): boolean {
    const at = this.now();
    this.forgetBefore(at - keptMs);
    const key = `${kind}\0${conversationId}\0${userId}`;
    const before = this.told.get(key);
    if (before !== undefined && before.upToSeq >= upToSeq) return false;
    this.told.delete(key);
    this.told.set(key, { upToSeq, at });
    return true;
  }

  private forgetBefore(time: number): void {
    for (const [key, { at }] of this.told) {
      if (at >= time && this.told.size < maxKept) return;
      this.told.delete(key);
    }
  }
}
