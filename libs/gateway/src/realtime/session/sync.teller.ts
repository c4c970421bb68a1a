import type { ClientHeads, ConversationId, SyncView } from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import { resync } from './resync';
import type { LocalSession, Moves } from './session.registry';
import { type Missed, SyncReader } from './sync.reader';

/** How often an answer is read because of what its user came into or was taken out of meanwhile. */
const maxReads = 5;

/**
 * Tells clients what they missed, and nothing that is not true any more when it is told. An answer that was read before a
 * removal, and told after it, would bring the conversation back to the client for good; one from before a join would take
 * it away.
 */
@Injectable()
export class SyncTeller {
  constructor(private readonly reader: SyncReader) {}

  /** Of the history that answers are about. @throws AppError `service_unavailable` */
  readEpoch(): Promise<string> {
    return this.reader.readEpoch();
  }

  /**
   * Reads, anew if need be, and shows the answer in the turn in which it is known to be true. Where it is overtaken again
   * and again the client is asked to load what it concerns.
   *
   * @param prepare what is to be waited for between reading and showing.
   * @throws AppError `service_unavailable`; what `prepare` throws.
   */
  async tell<Told>(
    local: LocalSession,
    { heads, requestId, prepare }: Telling,
    show: (missed: Missed) => Told,
  ): Promise<Told> {
    for (let reads = 1; ; reads++) {
      const moves = local.watch();
      try {
        const missed = await this.reader.read(local.socket.data.session.userId, heads, requestId);
        await prepare?.(missed);
        const overtaken = overtakenBy(moves, heads, missed.sync);
        if (overtaken.length > 0 && reads < maxReads) continue;
        const told = show(missed);
        if (overtaken.length > 0) resync(local.socket, overtaken, 'membership_changed');
        return told;
      } finally {
        moves.stop();
      }
    }
  }
}

export interface Telling {
  /** What the client has seen. */
  readonly heads: ClientHeads;
  readonly requestId?: string | undefined;
  readonly prepare?: (missed: Missed) => Promise<unknown>;
}

/** Of what moved, that which the answer is about. */
function overtakenBy({ joined, left }: Moves, heads: ClientHeads, sync: SyncView): ConversationId[] {
  const isTold = (id: ConversationId) =>
    id in heads || id in sync.conversations || sync.new_conversations.some((told) => told.id === id);
  return [...[...joined].filter((id) => id in heads), ...[...left].filter(isTold)];
}
