import {
  type CancelScheduled,
  type RequestOf,
  type ResponseOf,
  ScheduledId,
  type ScheduleMessage,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AttachmentReader } from '../attachment/attachment.reader';
import type { RequestedMessage } from '../message/message.draft';
import { isSameRequest, toRequested } from '../message/message.policy';
import { MessageRepository } from '../message/message.repository';
import { MessageService } from '../message/message.service';
import { checkAttachments } from '../message/message-type.policy';
import { cancelled, fateOf, toScheduledView, toStoredDraft, waiting } from './schedule.mapper';
import { demandCancellable, demandSchedulable } from './schedule.policy';
import { ScheduleReader } from './schedule.reader';
import { ScheduleRepository } from './schedule.repository';

type Scheduled = ResponseOf<typeof ScheduleMessage>;

/** Keeps messages until their time, each key once. */
@Injectable()
export class ScheduleService {
  constructor(
    private readonly database: Database,
    private readonly repository: ScheduleRepository,
    private readonly reader: ScheduleReader,
    private readonly sends: MessageService,
    private readonly messages: MessageRepository,
    private readonly attachments: AttachmentReader,
  ) {}

  /**
   * @throws AppError as the send would; `validation_failed` (`send_at`) for a time that has passed or is far off;
   *   `scheduled_already_sent` for a repetition where nothing but the message is left.
   */
  async add(request: RequestOf<typeof ScheduleMessage>): Promise<Scheduled> {
    this.sends.check(request);
    const message = toRequested(request, request.sendAt);
    const first = await this.findFirst(message);
    if (first) return first;
    demandSchedulable(message, request.sendAt, await this.reader.getStanding(message));
    const { senderId, conversationId, messageType, attachmentIds } = message;
    checkAttachments(messageType, await this.attachments.describe(senderId, conversationId, attachmentIds));
    const row = await this.repository.insert(message, request.sendAt);
    if (row) return { scheduled: toScheduledView(row, waiting), duplicate: false };
    // Somebody was faster under the same key.
    const other = await this.findFirst(message);
    if (other) return other;
    throw new AppError('service_unavailable');
  }

  /**
   * What is cancelled stays so.
   *
   * @throws AppError `scheduled_not_found`, also for what others schedule; `scheduled_already_sent`, `scheduled_failed`.
   */
  async cancel(request: RequestOf<typeof CancelScheduled>): Promise<ResponseOf<typeof CancelScheduled>> {
    const id = ScheduledId.safeParse(request.scheduledId);
    if (!id.success) throw new AppError('scheduled_not_found');
    return this.database.transaction(async (tx) => {
      const row = await this.repository.lock(tx, id.data, request.userId);
      if (row === undefined) throw new AppError('scheduled_not_found');
      const fate = fateOf(row);
      demandCancellable(fate);
      if (fate === waiting) await this.repository.cancel(tx, row.id);
      return { scheduled: toScheduledView(row, cancelled) };
    });
  }

  /** What became of the message's key before, if anything. */
  private async findFirst(message: RequestedMessage): Promise<Scheduled | undefined> {
    const scheduled = await this.repository.findByKey(message);
    const sent = scheduled ? undefined : (await this.messages.listFirst([message])).get(message);
    const first = scheduled ?? sent;
    if (first === undefined) return undefined;
    if (!isSameRequest(first.request_hash, message)) throw new AppError('idempotency_mismatch');
    if (scheduled === undefined) throw new AppError('scheduled_already_sent');
    // The same request says the same, where it is forgotten what the first one said.
    const draft = scheduled.draft ?? toStoredDraft(message);
    return { scheduled: toScheduledView({ ...scheduled, draft }, fateOf(scheduled)), duplicate: true };
  }
}
