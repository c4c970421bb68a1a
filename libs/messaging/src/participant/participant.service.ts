import { outgoing } from '@parley/bus';
import {
  type AddParticipants,
  ConversationJoined,
  type JoinConversation,
  ParticipantAdded,
  ParticipantRemoved,
  type ParticipantRole,
  ParticipantUpdated,
  type ParticipantView,
  type RemoveParticipant,
  type RequestOf,
  type ResponseOf,
  type UpdateParticipant,
  type UserId,
} from '@parley/contracts';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import type { ConversationChange } from '../change/conversation.change';
import { ConversationWriter } from '../change/conversation.writer';
import { ConversationReader } from '../conversation/conversation.reader';
import {
  changeStanding,
  isAdminGone,
  isAdminLost,
  judgeAddition,
  judgeRemoval,
  judgeWish,
  refuseUnknownUsers,
  roleOnEntry,
} from './participant-change.policy';
import { demandParticipant, demandPublic, demandRank, demandTarget } from './participant.policy';
import { type FoundParticipant, ParticipantReader } from './participant.reader';
import { UserReader } from '../user/user.reader';
import { ParticipantRepository } from './participant.repository';
import type { ParticipantState } from './participant.state';

/** Says who is in a conversation, and as what. Each change of one participant has a `rev` of its own. */
@Injectable()
export class ParticipantService {
  constructor(
    private readonly writer: ConversationWriter,
    private readonly repository: ParticipantRepository,
    private readonly reader: ParticipantReader,
    private readonly conversations: ConversationReader,
    private readonly users: UserReader,
  ) {}

  /**
   * Brings users in: all of them or, where one is refused, none. Those who are in it stay as they are.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `not_for_direct`, `insufficient_role`, `unknown_users`.
   */
  add({
    conversationId,
    userId,
    participantIds,
    role,
  }: RequestOf<typeof AddParticipants>): Promise<ResponseOf<typeof AddParticipants>> {
    const asked = [...new Set(participantIds)];
    return this.writer.write(conversationId, async (change) => {
      judgeAddition(change.type, demandParticipant(await change.findParticipant(userId)), role);
      refuseUnknownUsers('user_ids', participantIds, await this.users.listUnknown(asked, change.tx));
      const present = await this.repository.listPresent(change, asked);
      const added = asked.filter((id) => !present.has(id));
      await this.enter(change, added, role);
      const views = await this.listViews(change, asked);
      return { participants: new AnswerBudget().takeFirst(views), added: added.length };
    });
  }

  /**
   * Lets a user into a public conversation, also one who was taken out of it.
   *
   * @throws AppError `conversation_not_found`, or `not_a_participant` where it is not public.
   */
  join({ conversationId, userId }: RequestOf<typeof JoinConversation>): Promise<ResponseOf<typeof JoinConversation>> {
    return this.writer.write(conversationId, async (change) => {
      const me = await change.findParticipant(userId);
      if (!me?.isPresent) {
        demandPublic(change.type, change.visibility);
        await this.enter(change, [userId], roleOnEntry(change.participantCount));
      }
      const conversation = await this.conversations.getViewed(conversationId, userId, change.tx);
      return { conversation: { ...conversation, rev: change.rev } };
    });
  }

  /**
   * Changes a role, silences or lets speak, chooses what to be told of: all of it or nothing.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `not_for_direct`, `insufficient_role`,
   *   `participant_not_found`, `last_admin`.
   */
  update(request: RequestOf<typeof UpdateParticipant>): Promise<ResponseOf<typeof UpdateParticipant>> {
    const { conversationId, userId, participantId, notifications } = request;
    return this.writer.write(conversationId, async (change) => {
      const me = demandParticipant(await change.findParticipant(userId));
      judgeWish(change.type, me, request);
      const target = await this.findTarget(change, me, participantId);
      const standing = changeStanding(me, target, request);
      if (standing && isAdminLost(target, standing)) await this.demandAnotherAdmin(change, target);
      if (notifications !== undefined) await this.repository.updateNotifications(change, participantId, notifications);
      const rev = standing && change.nextDetailsRev();
      if (rev) await this.repository.updateStanding(change, { userId: participantId, rev }, standing);
      const found = await this.getFound(change, participantId);
      if (rev) {
        const event = { v: 1, conversationId, rev, participant: found.view } as const;
        change.announce(outgoing(ParticipantUpdated, conversationId, event));
      }
      return { participant: found.view, notifications: participantId === userId ? found.notifications : null };
    });
  }

  /**
   * Takes somebody out: another, or oneself.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `not_for_direct`, `insufficient_role`,
   *   `participant_not_found`, `last_admin`.
   */
  remove({
    conversationId,
    userId,
    participantId,
  }: RequestOf<typeof RemoveParticipant>): Promise<ResponseOf<typeof RemoveParticipant>> {
    return this.writer.write(conversationId, async (change) => {
      const me = demandParticipant(await change.findParticipant(userId));
      judgeRemoval(change.type, me, participantId);
      const target = await this.findTarget(change, me, participantId);
      demandRank(me, target.role);
      if (isAdminGone(target, change.participantCount)) await this.demandAnotherAdmin(change, target);
      const rev = change.nextDetailsRev();
      await this.repository.leave(change, { userId: participantId, rev });
      change.announce(
        outgoing(ParticipantRemoved, conversationId, { v: 1, conversationId, rev, userId: participantId }),
      );
      return {};
    });
  }

  /** What each of them hears of the conversation begins after the change that let it in. */
  private async enter(change: ConversationChange, userIds: readonly UserId[], role: ParticipantRole): Promise<void> {
    if (userIds.length === 0) return;
    const entries = userIds.map((userId) => ({ userId, rev: change.nextDetailsRev() }));
    await this.repository.enter(change, entries, role);
    const views = new Map((await this.listViews(change, userIds)).map((view) => [view.user_id, view]));
    for (const { userId, rev } of entries) {
      const participant = views.get(userId);
      if (participant === undefined) throw new Error('A participant who came in is not there');
      const id = change.id;
      change.announce(
        outgoing(ParticipantAdded, id, { v: 1, conversationId: id, rev, participant }),
        outgoing(ConversationJoined, userId, { v: 1, userId, conversationId: id, seq: change.lastSeq, rev }),
      );
    }
  }

  private async findTarget(
    change: ConversationChange,
    me: ParticipantState,
    participantId: UserId,
  ): Promise<ParticipantState> {
    return participantId === me.userId ? me : demandTarget(await change.findParticipant(participantId));
  }

  /** @throws AppError `last_admin`: a conversation with people in it keeps an admin. */
  private async demandAnotherAdmin(change: ConversationChange, target: ParticipantState): Promise<void> {
    if (!(await this.repository.hasAnotherAdmin(change, target.userId))) throw new AppError('last_admin');
  }

  private async listViews(change: ConversationChange, userIds: readonly UserId[]): Promise<ParticipantView[]> {
    return (await this.reader.listFound(change.tx, change.id, userIds)).map(({ view }) => view);
  }

  private async getFound(change: ConversationChange, userId: UserId): Promise<FoundParticipant> {
    const [found] = await this.reader.listFound(change.tx, change.id, [userId]);
    if (found === undefined) throw new Error('A participant who was just judged is not there');
    return found;
  }
}
