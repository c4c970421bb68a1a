import { outgoing, type OutgoingEvent } from '@parley/bus';
import {
  type ConversationId,
  ConversationJoined,
  type CreateConversation,
  type RequestOf,
  type ResponseOf,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { OutboxPublisher } from '../outbox/outbox.publisher';
import { OutboxRepository } from '../outbox/outbox.repository';
import { checkUsersExist, type ConversationPlan, planConversation } from './conversation.policy';
import { ConversationReader } from './conversation.reader';
import { ConversationRepository } from './conversation.repository';

/** Opens conversations. */
@Injectable()
export class ConversationService {
  constructor(
    private readonly database: Database,
    private readonly repository: ConversationRepository,
    private readonly reader: ConversationReader,
    private readonly outbox: OutboxRepository,
    private readonly publisher: OutboxPublisher,
  ) {}

  /**
   * Creates a group or channel; finds or creates a direct conversation, of which two users have one however many ask at
   * once.
   *
   * @throws AppError `validation_failed` or `unknown_users`.
   */
  async create(request: RequestOf<typeof CreateConversation>): Promise<ResponseOf<typeof CreateConversation>> {
    const { creatorId } = request;
    const plan = planConversation(creatorId, request.conversation);
    const found = await this.findDirect(plan);
    const id = found ?? (await this.insert(plan));
    const existing = id ?? (await this.findDirect(plan));
    // Deleted between two looks at it: the next try creates it anew.
    if (existing === undefined) throw new AppError('service_unavailable');
    const conversation = await this.reader.getViewed(existing, creatorId);
    return { conversation, created: found === undefined && id !== undefined };
  }

  private async findDirect({ directKey }: ConversationPlan): Promise<ConversationId | undefined> {
    return directKey === null ? undefined : this.repository.findDirect(directKey);
  }

  /** @returns undefined where somebody else created the same direct conversation meanwhile. */
  private async insert(plan: ConversationPlan): Promise<ConversationId | undefined> {
    const userIds = plan.participants.map((participant) => participant.userId);
    checkUsersExist(plan, await this.repository.listExistingUsers(userIds));
    const created = await this.database.transaction(async (tx) => {
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
