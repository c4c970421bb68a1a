import { MessagingConfig } from '@parley/config';
import { RawJson, type RequestOf, type SendMessage } from '@parley/contracts';
import { AppError, type ErrorKind } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { MessageBatcher } from './message.batcher';
import type { RequestedMessage } from './message.draft';
import type { SendResult } from './message.lane';
import { toMessageView } from './message.mapper';
import { checkContentLength, idempotencyName, isSameRequest, toRequested } from './message.policy';
import { MessagePreparation } from './message.preparation';
import { type FirstMessageRow, MessageRepository } from './message.repository';
import { checkContent, checkMessageType } from './message-type.policy';

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
    private readonly preparation: MessagePreparation,
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
    this.check(request);
    return this.sendOnce(toRequested(request), deadlineAt);
  }

  /** {@link send}, of what was checked when it was scheduled. */
  sendScheduled(message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    return this.sendOnce(message, deadlineAt);
  }

  /**
   * What can be said of a request by itself.
   *
   * @throws AppError `content_too_long`, `message_type_not_allowed`, `attachment_mismatch`, `validation_failed`.
   */
  check({ content, messageType, attachmentIds }: RequestOf<typeof SendMessage>): void {
    checkContentLength(content, this.config.maxMessageLength);
    checkMessageType(messageType, this.config.customMessageTypes);
    checkContent(messageType, content, attachmentIds.length);
  }

  private sendOnce(message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    const name = idempotencyName(message);
    const first = this.inFlight.get(name);
    if (first) return this.follow(first, message, deadlineAt);
    const result = this.recent.has(name)
      ? this.repeat(name, message, deadlineAt)
      : this.store(name, message, deadlineAt);
    this.inFlight.set(name, { requestHash: message.requestHash, result });
    return result.finally(() => this.inFlight.delete(name));
  }

  /** The same key is being sent already: its fate decides. */
  private async follow(first: SendInFlight, message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    if (isSameRequest(first.requestHash, message)) return { ...(await first.result), duplicate: true };
    const isStored = await first.result.then(
      () => true,
      () => false,
    );
    if (isStored) throw new AppError('idempotency_mismatch');
    return this.sendOnce(message, deadlineAt);
  }

  private async repeat(name: string, message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    const first = await this.findFirst(message);
    if (first === undefined) return this.store(name, message, deadlineAt);
    if (!isSameRequest(first.request_hash, message)) throw new AppError('idempotency_mismatch');
    return { message: RawJson.of(toMessageView(first)), duplicate: true };
  }

  /** @param name of the message, as `idempotencyName` makes it. */
  private async store(name: string, message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    try {
      const result = await this.preparation.prepare(message, (ready) => this.batcher.send(ready, deadlineAt));
      this.recent.set(name, true);
      return result;
    } catch (error) {
      // A repetition of what was stored when the sender still might is answered all the same.
      const first = isRefusal(error) ? await this.findFirst(message) : undefined;
      if (first && isSameRequest(first.request_hash, message))
        return { message: RawJson.of(toMessageView(first)), duplicate: true };
      throw error;
    }
  }

  /** What was stored under the message's key before. */
  private async findFirst(message: RequestedMessage): Promise<FirstMessageRow | undefined> {
    return (await this.repository.listFirst([message])).get(message);
  }
}

const refusals = new Set<ErrorKind>(['forbidden', 'not_found', 'invalid']);

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && refusals.has(error.kind);
}
