import { type MessageView, RawJson } from '@parley/contracts';
import { sqlState } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { HeadsDigest } from '../outbox/heads.digest';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { ReceiptRecorder } from '../receipt/receipt.recorder';
import type { MessageDraft } from './message.draft';
import { toMessageCreated, toNewMessageView, toRepeatedView } from './message.mapper';
import { isSameRequest } from './message.policy';
import { impliedReceipts, type SentMessage } from './message-reading.policy';
import { newMessageText } from './new-message.text';
import {
  type AcceptedRow,
  type FirstMessageRow,
  type InsertedRow,
  isFileTaken,
  MessageRepository,
} from './message.repository';

/** What became of one draft. `skipped`: nothing yet, its conversation is held by another process. */
export type WriteOutcome =
  | { readonly kind: 'stored'; readonly message: RawJson<MessageView> }
  | { readonly kind: 'duplicate'; readonly message: RawJson<MessageView> }
  | { readonly kind: 'refused'; readonly error: AppError }
  | { readonly kind: 'skipped' };

const lost: WriteOutcome = { kind: 'refused', error: new AppError('internal_error') };

const uniqueViolation = '23505';
const deadlockDetected = '40P01';

/** Classes of SQLSTATE that one row can cause by what is in it: data, integrity, limits of the program. */
const dataErrorClasses = new Set(['22', '23', '54']);

/** Writes batches of messages and has what was stored announced. */
@Injectable()
export class MessageWriter {
  constructor(
    private readonly repository: MessageRepository,
    private readonly publisher: OutboxPublisher,
    private readonly digest: HeadsDigest,
    private readonly receipts: ReceiptRecorder,
  ) {}

  /**
   * Writes drafts, which keep their order within a conversation. One that the database refuses fails alone.
   *
   * @param isPatient waits for conversations that another process holds instead of skipping them.
   * @param committed called as soon as the database has stored all that it will, if that takes no further statement: whether
   *   another statement was begun, which goes ahead of what is made of this one's answer.
   * @returns an outcome for each draft, in their order; never rejects.
   */
  async write(
    drafts: readonly MessageDraft[],
    isPatient: boolean,
    committed: () => boolean = () => false,
  ): Promise<WriteOutcome[]> {
    const outcomes = new Map<MessageDraft, WriteOutcome>();
    await this.attempt(drafts, isPatient, outcomes, committed);
    return drafts.map((draft) => outcomes.get(draft) ?? lost);
  }

  private async attempt(
    drafts: readonly MessageDraft[],
    isPatient: boolean,
    outcomes: Outcomes,
    committed: () => boolean = () => false,
  ): Promise<void> {
    if (drafts.length === 0) return;
    try {
      const rows = await this.repository.insert(drafts, isPatient);
      // The next statement leaves at the end of this turn: PostgreSQL works while messages are made of these rows.
      if (committed()) await new Promise(setImmediate);
      this.settle(drafts, rows, outcomes);
    } catch (error) {
      await this.recover(drafts, isPatient, outcomes, error);
    }
  }

  private settle(drafts: readonly MessageDraft[], rows: readonly InsertedRow[], outcomes: Outcomes): void {
    const messages: RawJson<MessageView>[] = [];
    const sent: SentMessage[] = [];
    let outboxId: string | undefined;
    rows.forEach((row, i) => {
      const draft = drafts[i];
      if (draft === undefined) return;
      if (row.verdict === 'accepted') {
        const view = toNewMessageView(draft, row);
        const message = RawJson.of(view, newMessageText(view));
        messages.push(message);
        sent.push(toSentMessage(draft, row));
        outboxId = row.outbox_id;
        outcomes.set(draft, { kind: 'stored', message });
      } else if (row.verdict === 'skipped') outcomes.set(draft, { kind: 'skipped' });
      else outcomes.set(draft, { kind: 'refused', error: new AppError(row.verdict) });
    });
    if (outboxId === undefined) return;
    for (const { value } of messages) this.digest.moved(value.conversation_id, value.seq, value.rev);
    for (const { receipt, participantCount } of impliedReceipts(sent)) this.receipts.record(receipt, participantCount);
    this.publisher.announce(
      outboxId,
      messages.map((message) => toMessageCreated(message, message.value.rev)),
    );
  }

  /** The statement failed, and with it nothing was stored: find out which rows were to blame, and write the others. */
  private async recover(
    drafts: readonly MessageDraft[],
    isPatient: boolean,
    outcomes: Outcomes,
    error: unknown,
  ): Promise<void> {
    const state = sqlState(error) ?? '';
    if (state === uniqueViolation) {
      const rest = await this.answerDuplicates(drafts, outcomes);
      if (rest.length < drafts.length) return this.attempt(rest, isPatient, outcomes);
    }
    if (error instanceof AppError || !dataErrorClasses.has(state.slice(0, 2))) {
      return refuse(drafts, toRefusal(error, state), outcomes);
    }
    if (drafts.length === 1) return refuse(drafts, toRowRefusal(error), outcomes);
    await this.bisect(drafts, isPatient, outcomes);
  }

  private async bisect(drafts: readonly MessageDraft[], isPatient: boolean, outcomes: Outcomes): Promise<void> {
    const middle = drafts.length >> 1;
    await this.attempt(drafts.slice(0, middle), isPatient, outcomes);
    // What follows a skipped draft in its conversation must not overtake it.
    const skipped = new Set(
      drafts.filter((draft) => outcomes.get(draft)?.kind === 'skipped').map((draft) => draft.conversationId),
    );
    const rest = drafts.slice(middle);
    for (const draft of rest) if (skipped.has(draft.conversationId)) outcomes.set(draft, { kind: 'skipped' });
    await this.attempt(
      rest.filter((draft) => !skipped.has(draft.conversationId)),
      isPatient,
      outcomes,
    );
  }

  /** Answers the drafts whose keys were used before. @returns the others. */
  private async answerDuplicates(drafts: readonly MessageDraft[], outcomes: Outcomes): Promise<MessageDraft[]> {
    try {
      const first = await this.repository.listFirst(drafts);
      return drafts.filter((draft) => {
        const row = first.get(draft);
        if (row !== undefined) outcomes.set(draft, toRepetition(draft, row));
        return row === undefined;
      });
    } catch (error) {
      refuse(drafts, AppError.from(error), outcomes);
      return [];
    }
  }
}

function toSentMessage(draft: MessageDraft, row: AcceptedRow): SentMessage {
  return {
    draft,
    id: row.id,
    seq: Number(row.seq),
    createdAt: row.created_at,
    senderReadSeq: Number(row.sender_read_seq),
    participantCount: row.participant_count,
  };
}

type Outcomes = Map<MessageDraft, WriteOutcome>;

function refuse(drafts: readonly MessageDraft[], error: AppError, outcomes: Outcomes): void {
  for (const draft of drafts) outcomes.set(draft, { kind: 'refused', error });
}

function toRepetition(draft: MessageDraft, first: FirstMessageRow): WriteOutcome {
  if (isSameRequest(first.request_hash, draft))
    return { kind: 'duplicate', message: RawJson.of(toRepeatedView(first)) };
  return { kind: 'refused', error: new AppError('idempotency_mismatch') };
}

/** What is wrong with the one row that the database refuses. */
function toRowRefusal(error: unknown): AppError {
  return new AppError(isFileTaken(error) ? 'attachment_already_used' : 'validation_failed', { cause: error });
}

/** A deadlock passes: nothing was written, and a repetition of the send will do. */
function toRefusal(error: unknown, state: string): AppError {
  return state === deadlockDetected ? new AppError('service_unavailable', { cause: error }) : AppError.from(error);
}
