import {
  type CheckVoice,
  type ConversationId,
  type DescribePeers,
  type ListAudiences,
  type ListPeers,
  type ListVisibleParticipants,
  maxAudience,
  type RequestOf,
  type ResponseOf,
  type UserId,
  type UserView,
} from '@parley/contracts';
import { Database } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { AnswerBudget } from '../answer/answer.budget';
import { type ParticipantRow, toParticipantState } from '../participant/participant.state';
import { demandSpeaker } from './peer.policy';
import * as sql from './peer.sql';

interface PeerRow {
  readonly id: UserId;
  readonly username: string | null;
  readonly display_name: string;
  readonly avatar_url: string | null;
}

type ParticipantRowOfPage = { readonly is_participant: boolean; readonly last_seq: string; readonly rev: string } & (
  PeerRow | { readonly id: null }
);

/** Reads who may see whom, and who is there to be seen. */
@Injectable()
export class PeerReader {
  constructor(private readonly database: Database) {}

  async describe(request: RequestOf<typeof DescribePeers>): Promise<ResponseOf<typeof DescribePeers>> {
    const { viewerId, userIds, areParticipants, conversationIds = [] } = request;
    const [rows, own] = await Promise.all([
      this.database.query<{ id: UserId; last_seen: string | null; status_text: string | null }>(
        'peers_describe',
        sql.describePeers,
        [viewerId, userIds, areParticipants],
      ),
      this.listOwn(viewerId, conversationIds),
    ]);
    const peers = rows.map((row) => ({ userId: row.id, lastSeen: row.last_seen, statusText: row.status_text }));
    return { peers, conversationIds: own };
  }

  async list({ viewerId, after, limit }: RequestOf<typeof ListPeers>): Promise<ResponseOf<typeof ListPeers>> {
    const rows = await this.database.query<PeerRow>('peers_list', sql.listPeers, [viewerId, after ?? '', limit + 1]);
    const users = new AnswerBudget().takeFirst(rows.slice(0, limit).map(toPeerView));
    return { users, hasMore: users.length < rows.length };
  }

  /** @throws AppError `conversation_not_found`, `not_a_participant`. */
  async listParticipants(
    request: RequestOf<typeof ListVisibleParticipants>,
  ): Promise<ResponseOf<typeof ListVisibleParticipants>> {
    const { viewerId, conversationId, after, limit } = request;
    const rows = await this.database.query<ParticipantRowOfPage>('peers_participants', sql.listVisibleParticipants, [
      viewerId,
      conversationId,
      after ?? '',
      limit + 1,
    ]);
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    if (!first.is_participant) throw new AppError('not_a_participant');
    const found = rows.flatMap((row) => (row.id === null ? [] : toPeerView(row)));
    const users = new AnswerBudget().takeFirst(found.slice(0, limit));
    const head = { seq: Number(first.last_seq), rev: Number(first.rev) };
    return { users, hasMore: users.length < found.length, head };
  }

  async listAudiences(request: RequestOf<typeof ListAudiences>): Promise<ResponseOf<typeof ListAudiences>> {
    const { conversationIds, userIds } = request;
    const [audiences, blockers] = await Promise.all([
      this.listUsersOf<ConversationId>('peers_audiences', sql.listAudiences, [conversationIds, maxAudience]),
      this.listUsersOf<UserId>('peers_blockers', sql.listBlockers, [userIds]),
    ]);
    const budget = new AnswerBudget();
    return { blockers: budget.takeFirst(blockers), participants: budget.takeFirst(audiences) };
  }

  /** @throws AppError `conversation_not_found`, and why the user may not speak there. */
  async checkVoice({ userId, conversationId }: RequestOf<typeof CheckVoice>): Promise<void> {
    type Row = Omit<ParticipantRow, 'user_id'> & { user_id: string | null; posting: 'everyone' | 'moderators' };
    const [row] = await this.database.query<Row>('peers_voice', sql.findVoice, [conversationId, userId]);
    if (row === undefined) throw new AppError('conversation_not_found');
    const { posting, user_id, ...participant } = row;
    demandSpeaker(user_id === null ? undefined : toParticipantState({ ...participant, user_id }), posting);
  }

  private async listOwn(viewerId: UserId, conversationIds: readonly ConversationId[]): Promise<ConversationId[]> {
    if (conversationIds.length === 0) return [];
    const rows = await this.database.query<{ id: ConversationId }>('peers_own', sql.listOwnConversations, [
      viewerId,
      conversationIds,
    ]);
    return rows.map(({ id }) => id);
  }

  private async listUsersOf<Id>(
    name: string,
    text: string,
    values: readonly [readonly unknown[], ...unknown[]],
  ): Promise<[Id, UserId[]][]> {
    if (values[0].length === 0) return [];
    const rows = await this.database.query<{ id: Id; user_ids: UserId[] }>(name, text, values);
    return rows.map((row) => [row.id, row.user_ids]);
  }
}

function toPeerView(row: PeerRow): UserView {
  return {
    id: row.id,
    username: row.username,
    display_name: row.display_name,
    avatar_url: row.avatar_url,
    status: 'offline',
    last_seen: null,
  };
}
