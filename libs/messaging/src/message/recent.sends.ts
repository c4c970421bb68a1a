import type { RequestedMessage } from './message.draft';
import type { SendResult } from './message.lane';

/** What names a message once and for all. */
export type SendName = Pick<RequestedMessage, 'conversationId' | 'senderId' | 'idempotencyKey'>;

/** A send on its way. */
export interface RecentSend {
  /** Of the message's name. */
  readonly hash: number;
  readonly message: SendName & Pick<RequestedMessage, 'requestHash'>;
  readonly result: Promise<SendResult>;
}

/** So many names are remembered at most, each in the slot that its hash says. */
const defaultSlots = 2 ** 16;

/**
 * What is known of sends without the database: which are on their way, and which were stored lately. It may forget, or take
 * one name for another that was stored: two names with one slot push each other out. What is right in the end is what the
 * database says.
 *
 * Of each message something has to stay here, and what stays is what garbage collection costs most for. So it is a number
 * in a table that is there already.
 */
export class RecentSends {
  private readonly underWay: (RecentSend | undefined)[];
  /** The hash of the name that was stored last. */
  private readonly stored: Float64Array;

  constructor(slots = defaultSlots) {
    this.underWay = Array.from({ length: slots }, () => undefined);
    this.stored = new Float64Array(slots);
  }

  /** @param hash {@link hashOfName} of the name. */
  find(hash: number, name: SendName): RecentSend | undefined {
    const found = this.underWay[this.slotOf(hash)];
    return found !== undefined && isSameName(found.message, name) ? found : undefined;
  }

  /** Was a message stored lately whose name has that hash? */
  wasStored(hash: number): boolean {
    return this.stored[this.slotOf(hash)] === hash;
  }

  begin(send: RecentSend): void {
    this.underWay[this.slotOf(send.hash)] ??= send;
  }

  /** The send is not on its way any more. */
  end(send: RecentSend, isStored: boolean): void {
    const slot = this.slotOf(send.hash);
    if (this.underWay[slot] === send) this.underWay[slot] = undefined;
    if (isStored) this.stored[slot] = send.hash;
  }

  private slotOf(hash: number): number {
    return hash % this.stored.length;
  }
}

function isSameName(one: SendName, other: SendName): boolean {
  return (
    one.idempotencyKey === other.idempotencyKey &&
    one.senderId === other.senderId &&
    one.conversationId === other.conversationId
  );
}

/** 52 bits, never 0: two FNV hashes side by side. */
export function hashOfName({ conversationId, senderId, idempotencyKey }: SendName): number {
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (const part of [conversationId, senderId, idempotencyKey]) {
    for (let at = 0; at < part.length; at++) {
      const unit = part.charCodeAt(at);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x5bd1e995);
    }
    // Where one part ends and the next begins.
    low = Math.imul(low ^ 0xffff, 0x01000193);
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0) || 1;
}
