import { outgoing } from '@parley/bus';
import {
  ConversationDeleted,
  ConversationUpdated,
  type DeleteConversation,
  type RequestOf,
  type ResponseOf,
  type UpdateConversation,
} from '@parley/contracts';
import { Injectable } from '@nestjs/common';
import type { ConversationChange } from '../change/conversation.change';
import { ConversationWriter } from '../change/conversation.writer';
import { demandAdmin, demandParticipant } from '../participant/participant.policy';
import { ConversationReader } from './conversation.reader';
import { ConversationRepository } from './conversation.repository';
import { changeSettings, type ConversationSettings, judgeUpdate } from './conversation-settings.policy';

/** Changes what a conversation is, for all or for one participant alone, and ends it. */
@Injectable()
export class ConversationSettingsService {
  constructor(
    private readonly writer: ConversationWriter,
    private readonly repository: ConversationRepository,
    private readonly reader: ConversationReader,
  ) {}

  /**
   * Changes settings, of which everybody hears, and whether the user has archived the conversation: all of it or nothing.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `not_for_direct`, `insufficient_role`.
   */
  update({
    conversationId,
    userId,
    changes,
  }: RequestOf<typeof UpdateConversation>): Promise<ResponseOf<typeof UpdateConversation>> {
    return this.writer.write(conversationId, async (change) => {
      const me = demandParticipant(await change.findParticipant(userId));
      const present = await this.repository.getSettings(change);
      judgeUpdate(change.type, me, present, changes);
      const wished = changeSettings(present, changes);
      if (wished) await this.updateSettings(change, wished);
      const isArchived = changes.is_archived ?? undefined;
      if (isArchived !== undefined) await this.repository.archive(change, userId, isArchived);
      const conversation = await this.reader.getViewed(conversationId, userId, change.tx);
      return { conversation: { ...conversation, rev: change.rev } };
    });
  }

  /**
   * Ends a group or channel for everybody: nothing of it is ever found again, and nothing follows in it. A direct
   * conversation is taken out of the user's own list until the next message.
   *
   * @throws AppError `conversation_not_found`, `not_a_participant`, `insufficient_role`.
   */
  delete({
    conversationId,
    userId,
  }: RequestOf<typeof DeleteConversation>): Promise<ResponseOf<typeof DeleteConversation>> {
    return this.writer.write(conversationId, async (change) => {
      const me = demandParticipant(await change.findParticipant(userId));
      if (change.type === 'direct') await this.repository.hide(change, userId);
      else {
        demandAdmin(me);
        await this.repository.end(change);
        const event = { v: 1, conversationId, rev: change.nextDetailsRev() } as const;
        change.announce(outgoing(ConversationDeleted, conversationId, event));
      }
      return {};
    });
  }

  private async updateSettings(change: ConversationChange, settings: ConversationSettings): Promise<void> {
    await this.repository.updateSettings(change, settings);
    const rev = change.nextDetailsRev();
    const conversation = { ...(await this.reader.describe(change.id, change.tx)), rev };
    const event = { v: 1, conversationId: change.id, rev, conversation } as const;
    change.announce(outgoing(ConversationUpdated, change.id, event));
  }
}
