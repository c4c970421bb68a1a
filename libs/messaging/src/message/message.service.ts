import { MessagingConfig } from '@parley/config';
import { RawJson, type RequestOf, type SendMessage } from '@parley/contracts';
import { AppError, type ErrorKind } from '@parley/errors';
import { Inject, Injectable } from '@nestjs/common';
import { MessageBatcher } from './message.batcher';
import type { RequestedMessage } from './message.draft';
import type { SendResult } from './message.lane';
import { toRepeatedView } from './message.mapper';
import { checkContentLength, isSameRequest, toRequested } from './message.policy';
import { MessagePreparation } from './message.preparation';
import { type FirstMessageRow, MessageRepository } from './message.repository';
import { checkContent, checkMessageType } from './message-type.policy';
import { hashOfName, type RecentSend, RecentSends } from './recent.sends';

/** Sends messages, each key once. */
@Injectable()
export class MessageService {
  /**
   * Repetitions come soon after the first try. That of what was stored lately does not cost a batch its first try; the
   * message itself is read again, since it may have changed.
   */
  private readonly recent = new RecentSends();

  constructor(
    @Inject(MessagingConfig.token) private readonly config: MessagingConfig,
    private readonly preparation: MessagePreparation,
    private readonly batcher: MessageBatcher,
    private readonly repository: MessageRepository,
  ) {}

  /**
   * Stores a message; resolves when it is committed. What {@link check} refuses it throws at once: for most sends that spares
   * a promise.
   *
   * @param deadlineAt epoch milliseconds after which nothing is begun any more.
   * @throws AppError why it was refused; `service_unavailable` leaves the outcome unknown, and a repetition under the same
   *   key finds it out.
   */
  send(request: RequestOf<typeof SendMessage>, deadlineAt: number): Promise<SendResult> {
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
    const hash = hashOfName(message);
    const before = this.recent.find(hash, message);
    if (before) return this.follow(before, message, deadlineAt);
    const begun = this.recent.wasStored(hash) ? this.repeat(message, deadlineAt) : this.store(message, deadlineAt);
    const result = begun.then(
      (stored) => {
        this.recent.end(send, true);
        return stored;
      },
      (error: unknown) => this.recover(message, error).finally(() => this.recent.end(send, false)),
    );
    const send: RecentSend = { hash, message, result };
    this.recent.begin(send);
    return result;
  }

  /** The same key is being sent already: its fate decides. */
  private async follow(first: RecentSend, message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    if (isSameRequest(first.message.requestHash, message)) return { ...(await first.result), duplicate: true };
    const isStored = await first.result.then(
      () => true,
      () => false,
    );
    if (isStored) throw new AppError('idempotency_mismatch');
    return this.sendOnce(message, deadlineAt);
  }

  private async repeat(message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    const first = await this.findFirst(message);
    if (first === undefined) return this.store(message, deadlineAt);
    if (!isSameRequest(first.request_hash, message)) throw new AppError('idempotency_mismatch');
    return { message: RawJson.of(toRepeatedView(first)), duplicate: true };
  }

  private store(message: RequestedMessage, deadlineAt: number): Promise<SendResult> {
    return this.preparation.prepare(message, (ready) => this.batcher.send(ready, deadlineAt));
  }

  /** A repetition of what was stored when the sender still might is answered all the same. */
  private async recover(message: RequestedMessage, error: unknown): Promise<SendResult> {
    if (!isRefusal(error)) throw error;
    const first = await this.findFirst(message).catch((failure: unknown) => {
      // Where the database refuses the question, too, nothing can be stored under such a key.
      throw failure instanceof AppError ? failure : error;
    });
    if (!first || !isSameRequest(first.request_hash, message)) throw error;
    return { message: RawJson.of(toRepeatedView(first)), duplicate: true };
  }

  /** What was stored under the message's key before. */
  private async findFirst(message: RequestedMessage): Promise<FirstMessageRow | undefined> {
    return (await this.repository.listFirst([message])).get(message);
  }
}

const refusals = new Set<ErrorKind>(['forbidden', 'not_found', 'invalid']);

function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && refusals.has(error.kind);
}
