import type { OutgoingEvent } from '@parley/bus';
import type { ConversationId } from '@parley/contracts';
import { Database, type Transaction } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { HeadsDigest } from '../outbox/heads.digest';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import { ConversationChange, type LockedConversationRow } from './conversation.change';

const lock = `
  SELECT c.id, c.type, c.visibility, c.posting, c.last_seq, c.rev, c.details_rev, c.participant_count
  FROM conversations c
  WHERE c.id = $1 AND c.deleted_at IS NULL
  FOR NO KEY UPDATE OF c`;

const advance = `UPDATE conversations c SET rev = $2, details_rev = $3 WHERE c.id = $1`;

/**
 * Carries out changes of conversations other than new messages (those are written in batches).
 *
 * Guarantees: the changes of one conversation happen one after another, under its row's lock, which every writer takes
 * first; each is numbered by the next `rev`; what is announced is committed with it, and published after.
 */
@Injectable()
export class ConversationWriter {
  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxRepository,
    private readonly publisher: OutboxPublisher,
    private readonly digest: HeadsDigest,
  ) {}

  /**
   * Runs `work` with the conversation locked; when it rejects nothing has happened.
   *
   * What `work` reads through its transaction is current: nobody else writes to the conversation meanwhile.
   *
   * @throws AppError `conversation_not_found`, what `work` throws, or `service_unavailable`.
   */
  async write<T>(conversationId: ConversationId, work: (change: ConversationChange) => Promise<T>): Promise<T> {
    const { result, change, outboxId } = await this.database.transaction(async (tx) => {
      const [row] = await tx.query<LockedConversationRow>('conversation_lock', lock, [conversationId]);
      if (row === undefined) throw new AppError('conversation_not_found');
      const change = new ConversationChange(tx, row);
      const result = await work(change);
      return { result, change, outboxId: await this.record(tx, change) };
    });
    if (change.hasMoved) this.digest.moved(change.id, change.lastSeq, change.rev);
    if (outboxId !== undefined) this.publisher.announce(outboxId, change.events);
    return result;
  }

  /** @returns the outbox row of what is to be announced, if anything is. */
  private async record(tx: Transaction, change: ConversationChange): Promise<string | undefined> {
    if (change.hasMoved) {
      await tx.query('conversation_advance', advance, [change.id, change.rev, change.detailsRev]);
    }
    const events: readonly OutgoingEvent[] = change.events;
    return events.length > 0 ? this.outbox.insert(tx, events) : undefined;
  }
}
