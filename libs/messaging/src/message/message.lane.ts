import type { MessageView, RawJson } from '@parley/contracts';
import type { MessageDraft } from './message.draft';

/** One send that waits for its turn. */
export interface PendingSend {
  readonly draft: MessageDraft;
  /** When its caller gives up, in epoch milliseconds. */
  readonly deadlineAt: number;
  resolve(result: SendResult): void;
  reject(error: Error): void;
}

export interface SendResult {
  /** Written once, for the answer and for the event. */
  readonly message: RawJson<MessageView>;
  /** The message was stored before, by an earlier request under the same key. */
  readonly duplicate: boolean;
}

/** The sends of one conversation, first come first served. At most one batch in flight holds some of them. */
export class MessageLane {
  private waiting: PendingSend[] = [];
  /** Nothing waits, and no batch holds anything of it. */
  isAtRest = true;
  /** It stands in line for the next batch, with all that waits in it. */
  isReady = false;
  /** How often in a row another process held the conversation. */
  skips = 0;

  constructor(readonly conversationId: string) {}

  /** Sends that no batch holds. */
  get length(): number {
    return this.waiting.length;
  }

  push(send: PendingSend): void {
    this.waiting.push(send);
  }

  take(count: number): PendingSend[] {
    if (this.waiting.length > count) return this.waiting.splice(0, count);
    const all = this.waiting;
    this.waiting = [];
    return all;
  }

  /** Puts back what was taken, in front. */
  putBack(sends: readonly PendingSend[]): void {
    if (sends.length > 0) this.waiting = [...sends, ...this.waiting];
  }
}
