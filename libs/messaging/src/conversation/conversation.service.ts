import { outgoing, type OutgoingEvent } from '@parley/bus';
import {
  type ConversationId,
  ConversationJoined,
  type CreateConversation,
  type RequestOf,
  type ResponseOf,
  type UserId,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { lockPair } from '../block/pair.lock';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import { refuseUnknownUsers } from '../participant/participant-change.policy';
import { UserReader } from '../user/user.reader';
import { type ConversationPlan, otherOfDirect, planConversation, refuseBlocked } from './conversation.policy';
import { ConversationReader } from './conversation.reader';
import { ConversationRepository } from './conversation.repository';

/** Opens conversations. */
@Injectable()
export class ConversationService {
  constructor(
    private readonly database: Database,
    private readonly repository: ConversationRepository,
    private readonly reader: ConversationReader,
    private readonly users: UserReader,
    private readonly outbox: OutboxRepository,
    private readonly publisher: OutboxPublisher,
  ) {}

  /**
   * Creates a group or channel; finds or creates a direct conversation, of which two users have one however many ask at
   * once. One that the user has hidden is in the user's list again.
   *
   * @throws AppError `validation_failed`, `user_blocked` or `unknown_users`.
   */
  async create(request: RequestOf<typeof CreateConversation>): Promise<ResponseOf<typeof CreateConversation>> {
    const { creatorId } = request;
    const plan = planConversation(creatorId, request.conversation);
    const other = otherOfDirect(plan);
    if (other !== undefined) refuseBlocked(await this.repository.isBlocked(other, creatorId));
    const found = await this.findDirect(plan);
    const inserted = found === undefined ? await this.insert(plan, request.conversation.participant_ids) : undefined;
    const existing = inserted ?? found ?? (await this.findDirect(plan));
    // Deleted between two looks at it: the next try creates it anew.
    if (existing === undefined) throw new AppError('service_unavailable');
    if (inserted === undefined) await this.repository.showAgain(existing, creatorId);
    const conversation = await this.reader.getViewed(existing, creatorId);
    return { conversation, created: inserted !== undefined };
  }

  private async findDirect({ directKey }: ConversationPlan): Promise<ConversationId | undefined> {
    return directKey === null ? undefined : this.repository.findDirect(directKey);
  }

  /**
   * @param asked whom the creator named.
   * @returns undefined where somebody else created the same direct conversation meanwhile.
   */
  private async insert(plan: ConversationPlan, asked: readonly UserId[]): Promise<ConversationId | undefined> {
    refuseUnknownUsers('participant_ids', asked, await this.users.listUnknown(asked));
    const other = otherOfDirect(plan);
    const created = await this.database.transaction(async (tx) => {
      if (other !== undefined) await lockPair(tx, plan.createdBy, other);
      const id = await this.repository.insert(tx, plan);
      if (id === undefined) return undefined;
      const events = joinings(id, plan);
      return { id, events, outboxId: await this.outbox.insert(tx, events) };
    });
    if (created) this.publisher.announce(created.outboxId, created.events);
    return created?.id;
  }
}

/** A new conversation stands at rev 1, without messages. */
function joinings(conversationId: ConversationId, plan: ConversationPlan): OutgoingEvent[] {
  return plan.participants.map(({ userId }) =>
    outgoing(ConversationJoined, userId, { v: 1, userId, conversationId, seq: 0, rev: 1 }),
  );
}
