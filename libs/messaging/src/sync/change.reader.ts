import type { ConversationId, Head, ListChanges, RequestOf, ResponseOf, UserId } from '@parley/contracts';
import { Database, type Queryable } from '@parley/database';
import { AppError } from '@parley/errors';
import { Injectable } from '@nestjs/common';
import { ConversationReader } from '../conversation/conversation.reader';
import { type MessageRow, toMessageView } from '../message/message.mapper';
import { maxChanges } from '../message/message-history.policy';
import { messageColumns, messageTables } from '../message/message.sql';
import {
  type ParticipantJson,
  participantJson,
  participantUser,
  toParticipantView,
} from '../participant/participant.mapper';
import { type FoundChanges, toldOf } from './change.answer';

/** Those who left are told all at once: so many at most, far more than leave within the time that a gateway may miss. */
const maxRemoved = 5_000;

const findHead = `
  SELECT c.last_seq, c.rev, c.details_rev
  FROM conversations c
  WHERE c.id = $1 AND c.deleted_at IS NULL`;

const listNew = `
  SELECT ${messageColumns}
  FROM messages m
  ${messageTables}
  WHERE m.conversation_id = $1 AND m.seq > $2
  ORDER BY m.seq
  LIMIT $3`;

const listChanged = `
  SELECT ${messageColumns}
  FROM messages m
  ${messageTables}
  WHERE m.conversation_id = $1 AND m.rev > m.created_rev AND m.rev > $3 AND m.seq <= $2
  ORDER BY m.rev
  LIMIT $4`;

const listParticipants = `
  SELECT p.rev, ${participantJson} AS participant
  FROM participants p
  ${participantUser}
  WHERE p.conversation_id = $1 AND p.rev > $2 AND p.left_at IS NULL
  ORDER BY p.rev
  LIMIT $3`;

const listRemoved = `
  SELECT p.rev, p.user_id
  FROM participants p
  WHERE p.conversation_id = $1 AND p.rev > $2 AND p.left_at IS NOT NULL
  ORDER BY p.rev
  LIMIT $3`;

/** Reads what happened in a conversation since a head, as what is different now. */
@Injectable()
export class ChangeReader {
  constructor(
    private readonly database: Database,
    private readonly conversations: ConversationReader,
  ) {}

  /** @throws AppError `conversation_not_found`. */
  list({ conversationId, since }: RequestOf<typeof ListChanges>): Promise<ResponseOf<typeof ListChanges>> {
    return this.database.snapshot(async (snapshot) => {
      const { head, detailsRev } = await findStanding(snapshot, conversationId);
      const isDescribed = detailsRev > since.rev;
      const messages = await listMessages(snapshot, conversationId, since);
      const people = isDescribed ? await listPeople(snapshot, conversationId, since) : nobody;
      return {
        ...toldOf({ head, ...messages, ...people }, since),
        removed: [...people.removed],
        conversation: isDescribed ? await this.conversations.describe(conversationId, snapshot) : null,
        conversationRev: detailsRev,
      };
    });
  }
}

type People = Pick<FoundChanges, 'participants' | 'removed'>;

const nobody: People = { participants: [], removed: [] };

async function findStanding(snapshot: Queryable, id: ConversationId): Promise<{ head: Head; detailsRev: number }> {
  const [row] = await snapshot.query<{ last_seq: string; rev: string; details_rev: string }>('change_head', findHead, [
    id,
  ]);
  if (row === undefined) throw new AppError('conversation_not_found');
  return { head: { seq: Number(row.last_seq), rev: Number(row.rev) }, detailsRev: Number(row.details_rev) };
}

async function listMessages(
  snapshot: Queryable,
  id: ConversationId,
  since: Head,
): Promise<Pick<FoundChanges, 'messages' | 'changed'>> {
  const limit = maxChanges + 1;
  const created = await snapshot.query<MessageRow>('change_new', listNew, [id, since.seq, limit]);
  const changed = await snapshot.query<MessageRow>('change_changed', listChanged, [id, since.seq, since.rev, limit]);
  return {
    messages: created.map((row) => ({ rev: Number(row.created_rev), message: toMessageView(row) })),
    changed: changed.map(toMessageView),
  };
}

async function listPeople(snapshot: Queryable, id: ConversationId, since: Head): Promise<People> {
  const present = await snapshot.query<{ rev: string; participant: ParticipantJson }>(
    'change_participants',
    listParticipants,
    [id, since.rev, maxChanges + 1],
  );
  const removed = await snapshot.query<{ rev: string; user_id: UserId }>('change_removed', listRemoved, [
    id,
    since.rev,
    maxRemoved,
  ]);
  return {
    participants: present.map(({ rev, participant }) => ({
      rev: Number(rev),
      participant: toParticipantView(participant),
    })),
    removed: removed.map(({ rev, user_id: userId }) => ({ rev: Number(rev), userId })),
  };
}
