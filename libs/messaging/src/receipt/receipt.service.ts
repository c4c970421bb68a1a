import type { MarkReceived, RequestOf, ResponseOf } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { maxToldParticipants } from './receipt';
import { ReceiptDigest } from './receipt.digest';
import { ReceiptReader } from './receipt.reader';
import { type MarkedRow, ReceiptRepository } from './receipt.repository';

type Mark = RequestOf<typeof MarkReceived>;

/** Moves the cursors of those who read. */
@Injectable()
export class ReceiptService {
  constructor(
    private readonly repository: ReceiptRepository,
    private readonly reader: ReceiptReader,
    private readonly digest: ReceiptDigest,
  ) {}

  /** @throws AppError `conversation_not_found` or `message_not_found`, else `not_a_participant`. */
  async mark({ userId, kind, upTo }: Mark): Promise<ResponseOf<typeof MarkReceived>> {
    const row = await this.repository.mark(userId, kind, upTo);
    if (row === undefined) throw new AppError(upTo.by === 'message' ? 'message_not_found' : 'conversation_not_found');
    if (!row.is_participant) throw new AppError('not_a_participant');
    this.tell(userId, kind, row);
    return this.reader.getStanding(row.conversation_id, userId, kind);
  }

  private tell(userId: Mark['userId'], kind: Mark['kind'], row: MarkedRow): void {
    const { conversation_id: conversationId, participant_count, moved_to, message_id: messageId, at } = row;
    if (moved_to === null || messageId === null || at === null) return;
    const receipt = { conversationId, userId, kind, upToSeq: Number(moved_to), messageId, at };
    if (participant_count <= maxToldParticipants) this.digest.moved(receipt);
    else if (kind === 'read') this.digest.moved({ ...receipt, isOwn: true });
  }
}
