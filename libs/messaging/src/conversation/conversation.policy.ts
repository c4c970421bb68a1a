import type { ConversationType, CreateConversationBody, Metadata, ParticipantRole, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';

/** A conversation that is to be created. */
export interface ConversationPlan {
  readonly type: ConversationType;
  readonly title: string | null;
  readonly description: string | null;
  readonly avatarUrl: string | null;
  readonly visibility: 'private' | 'public';
  readonly posting: 'everyone' | 'moderators';
  readonly metadata: Metadata;
  readonly createdBy: UserId;
  /** Names the pair of a direct conversation, of which there is one; null for the others. */
  readonly directKey: string | null;
  readonly participants: readonly { readonly userId: UserId; readonly role: ParticipantRole }[];
}

/**
 * What a client's wish comes to. The creator takes part whether named or not, and once.
 *
 * @throws AppError `validation_failed` for a direct conversation with anything but exactly one other user.
 */
export function planConversation(creatorId: UserId, body: CreateConversationBody): ConversationPlan {
  const others = [...new Set(body.participant_ids)].filter((id) => id !== creatorId);
  return body.type === 'direct' ? planDirect(creatorId, others, body) : planGroup(creatorId, others, body);
}

/** Two equals: nobody administers it, and nobody else ever joins. */
function planDirect(creatorId: UserId, others: readonly UserId[], body: CreateConversationBody): ConversationPlan {
  const [other] = others;
  if (other === undefined || others.length > 1) {
    const message = 'a direct conversation takes exactly one other user';
    throw new AppError('validation_failed', { issues: [{ path: 'participant_ids', message }] });
  }
  return {
    type: 'direct',
    title: body.title ?? null,
    description: body.description ?? null,
    avatarUrl: body.avatar_url ?? null,
    visibility: 'private',
    posting: 'everyone',
    metadata: body.metadata ?? {},
    createdBy: creatorId,
    directKey: directKey(creatorId, other),
    participants: [creatorId, other].map((userId) => ({ userId, role: 'participant' })),
  };
}

function planGroup(creatorId: UserId, others: readonly UserId[], body: CreateConversationBody): ConversationPlan {
  return {
    type: body.type,
    title: body.title ?? null,
    description: body.description ?? null,
    avatarUrl: body.avatar_url ?? null,
    visibility: body.visibility ?? 'private',
    posting: body.posting ?? 'everyone',
    metadata: body.metadata ?? {},
    createdBy: creatorId,
    directKey: null,
    participants: [
      { userId: creatorId, role: 'admin' },
      ...others.map((userId) => ({ userId, role: 'participant' as const })),
    ],
  };
}

/** The same for both orders, and no other pair's: user ids may hold any character, so the first one's length leads. */
export function directKey(one: UserId, other: UserId): string {
  const [first, second] = one < other ? [one, other] : [other, one];
  return `${first.length}:${first}${second}`;
}

/** The one whom a direct conversation is with; undefined for the others. */
export function otherOfDirect(plan: ConversationPlan): UserId | undefined {
  if (plan.type !== 'direct') return undefined;
  return plan.participants.find(({ userId }) => userId !== plan.createdBy)?.userId;
}

/** Nobody opens a direct conversation with somebody who does not want that. @throws AppError `user_blocked`. */
export function refuseBlocked(isBlocked: boolean): void {
  if (isBlocked) throw new AppError('user_blocked');
}
