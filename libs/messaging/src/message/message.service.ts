import { MessagingConfig } from '@parley/config';
import type { RequestOf, SendMessage } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MessageBatcher } from './message.batcher';
import type { MessageDraft } from './message.draft';
import type { SendResult } from './message.lane';
import { toMessageView } from './message.mapper';
import { checkContentLength, idempotencyName, isSameRequest, toDraft } from './message.policy';
import { type FirstMessageRow, MessageRepository } from './message.repository';

/** Repetitions come soon after the first try; later ones find their message in the database. */
const maxRecent = 20_000;

interface SendInFlight {
  readonly requestHash: string;
  readonly result: Promise<SendResult>;
}

/** Sends messages, each key once. */
@Injectable()
export class MessageService {
  private readonly inFlight = new Map<string, SendInFlight>();
  /**
   * Idempotency names of what was stored lately: a repetition that is known here does not cost a batch its first try. The
   * message itself is read again, since it may have changed.
   */
  private readonly recent = new LRUCache<string, true>({ max: maxRecent });

  constructor(
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
    private readonly batcher: MessageBatcher,
    private readonly repository: MessageRepository,
  ) {}

  /**
   * Stores a message; resolves when it is committed.
   *
   * @param deadlineAt epoch milliseconds after which nothing is begun any more.
   * @throws AppError why it was refused; `service_unavailable` leaves the outcome unknown, and a repetition under the same
   *   key finds it out.
   */
  async send(request: RequestOf<typeof SendMessage>, deadlineAt: number): Promise<SendResult> {
    checkContentLength(request.content, this.config.maxMessageLength);
    return this.sendOnce(toDraft(request), deadlineAt);
  }

  private sendOnce(draft: MessageDraft, deadlineAt: number): Promise<SendResult> {
    const name = idempotencyName(draft);
    const first = this.inFlight.get(name);
    if (first) return this.follow(first, draft, deadlineAt);
    const result = this.recent.has(name) ? this.repeat(draft, deadlineAt) : this.store(draft, deadlineAt);
    this.inFlight.set(name, { requestHash: draft.requestHash, result });
    return result.finally(() => this.inFlight.delete(name));
  }

  /** The same key is being sent already: its fate decides. */
  private async follow(first: SendInFlight, draft: MessageDraft, deadlineAt: number): Promise<SendResult> {
    if (isSameRequest(first.requestHash, draft)) return { ...(await first.result), duplicate: true };
    const isStored = await first.result.then(
      () => true,
      () => false,
    );
    if (isStored) throw new AppError('idempotency_mismatch');
    return this.sendOnce(draft, deadlineAt);
  }

  private async repeat(draft: MessageDraft, deadlineAt: number): Promise<SendResult> {
    const first = await this.findFirst(draft);
    if (first === undefined) return this.store(draft, deadlineAt);
    if (!isSameRequest(first.request_hash, draft)) throw new AppError('idempotency_mismatch');
    return { message: toMessageView(first), duplicate: true };
  }

  private async store(draft: MessageDraft, deadlineAt: number): Promise<SendResult> {
    try {
      const result = await this.batcher.send(draft, deadlineAt);
      this.recent.set(idempotencyName(draft), true);
      return result;
    } catch (error) {
      // A repetition of what was stored when the sender still might is answered all the same.
      const first = isRefusal(error) ? await this.findFirst(draft) : undefined;
      if (first && isSameRequest(first.request_hash, draft)) return { message: toMessageView(first), duplicate: true };
      throw error;
    }
  }

  /** What was stored under the draft's key before. */
  private async findFirst(draft: MessageDraft): Promise<FirstMessageRow | undefined> {
    return (await this.repository.listFirst([draft])).get(draft);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && (error.kind === 'forbidden' || error.kind === 'not_found');
}
