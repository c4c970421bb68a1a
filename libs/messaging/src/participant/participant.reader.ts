import {
  type ConversationId,
  type ListMemberships,
  type ListParticipants,
  type NotificationChoice,
  type ParticipantView,
  type RequestOf,
  type ResponseOf,
  UserId,
} from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AnswerBudget } from '../answer/answer.budget';
import { decodePlace, encodePlace } from '../answer/answer.cursor';
import { type ParticipantJson, participantJson, participantUser, toParticipantView } from './participant.mapper';

/** Conversations on one page of memberships. */
const pageSize = 5_000;

const memberships = `
  SELECT me.conversation_id
  FROM participants me
  JOIN conversations c ON c.id = me.conversation_id AND c.deleted_at IS NULL
  WHERE me.user_id = $1 AND me.left_at IS NULL AND me.conversation_id > $2::bigint
  ORDER BY me.conversation_id
  LIMIT $3`;

/** Whether the reader may know, and one page, in one look at the database. */
const list = `
  WITH access AS MATERIALIZED (
    SELECT c.id, me.user_id IS NOT NULL AND me.left_at IS NULL AS is_participant
    FROM conversations c
    LEFT JOIN participants me ON me.conversation_id = c.id AND me.user_id = $2
    WHERE c.id = $1 AND c.deleted_at IS NULL
  )
  SELECT a.is_participant, page.participant
  FROM access a
  LEFT JOIN LATERAL (
    SELECT p.user_id, ${participantJson} AS participant
    FROM participants p
    ${participantUser}
    WHERE (p.conversation_id, p.user_id) > (a.id, $3) AND p.conversation_id <= a.id
      AND a.is_participant AND p.left_at IS NULL
    ORDER BY p.conversation_id, p.user_id
    LIMIT $4 OFFSET $5
  ) page ON true
  ORDER BY page.user_id`;

const listByIds = `
  SELECT ${participantJson} AS participant, p.notifications
  FROM unnest($2::text[]) WITH ORDINALITY AS asked (user_id, place)
  CROSS JOIN LATERAL (
    SELECT p.* FROM participants p WHERE p.conversation_id = $1 AND p.user_id = asked.user_id OFFSET 0
  ) p
  ${participantUser}
  ORDER BY asked.place`;

const Place = z.tuple([UserId]);

/** A participant as others see it, and what only the participant sees. */
export interface FoundParticipant {
  readonly view: ParticipantView;
  readonly notifications: NotificationChoice;
}

/** Reads who is where. */
@Injectable()
export class ParticipantReader {
  constructor(private readonly database: Database) {}

  async listMemberships({
    userId,
    after,
  }: RequestOf<typeof ListMemberships>): Promise<ResponseOf<typeof ListMemberships>> {
    const rows = await this.database.query<{ conversation_id: ConversationId }>('memberships', memberships, [
      userId,
      after ?? '0',
      pageSize + 1,
    ]);
    const ids = rows.map((row) => row.conversation_id);
    return { conversationIds: ids.slice(0, pageSize), hasMore: ids.length > pageSize };
  }

  /** @throws AppError `validation_failed` for a cursor that is none, `conversation_not_found`, else `not_a_participant`. */
  async list(request: RequestOf<typeof ListParticipants>): Promise<ResponseOf<typeof ListParticipants>> {
    const { conversationId, userId, limit, page, cursor } = request;
    const [after] = cursor === undefined ? [] : decodePlace(Place, cursor);
    const rows = await this.database.query<{ is_participant: boolean; participant: ParticipantJson | null }>(
      'participant_list',
      list,
      [conversationId, userId, after ?? '', limit + 1, after === undefined ? (page - 1) * limit : 0],
    );
    const [first] = rows;
    if (first === undefined) throw new AppError('conversation_not_found');
    if (!first.is_participant) throw new AppError('not_a_participant');
    const found = rows.flatMap(({ participant }) => participant ?? []);
    const participants = new AnswerBudget().takeFirst(found.slice(0, limit).map(toParticipantView));
    const hasMore = participants.length < found.length;
    const last = participants.at(-1);
    return { participants, hasMore, nextCursor: hasMore && last ? encodePlace([last.user_id]) : null };
  }

  /** Those of `userIds` who are in the conversation, or were, in their order, as `queryable` has them. */
  async listFound(
    queryable: Queryable,
    conversationId: ConversationId,
    userIds: readonly UserId[],
  ): Promise<FoundParticipant[]> {
    const rows = await queryable.query<{ participant: ParticipantJson; notifications: NotificationChoice }>(
      '',
      listByIds,
      [conversationId, userIds],
    );
    return rows.map(({ participant, notifications }) => ({ view: toParticipantView(participant), notifications }));
  }
}
