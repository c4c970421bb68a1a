import type { ConversationType, NotificationChoice, ParticipantRole, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { AnswerBudget } from '../answer/answer.budget';
import { demandGroup, demandModerator, demandRank } from './participant.policy';
import type { ParticipantState } from './participant.state';

/** What is to change of a participant; what is undefined stays. */
export interface ParticipantWish {
  readonly participantId: UserId;
  readonly role?: ParticipantRole | undefined;
  readonly isMuted?: boolean | undefined;
  readonly notifications?: NotificationChoice | undefined;
}

/** What others see of a participant, and what a rank decides. */
export interface Standing {
  readonly role: ParticipantRole;
  readonly isMuted: boolean;
}

/** Who brings others in, and as what. @throws AppError `not_for_direct`, `insufficient_role`. */
export function judgeAddition(type: ConversationType, me: ParticipantState, role: ParticipantRole): void {
  demandGroup(type);
  demandModerator(me);
  demandRank(me, role);
}

/**
 * What `me` may wish for, before it is known of whom: `notifications` is everybody's own choice, the rest needs a rank.
 *
 * @throws AppError `not_for_direct`, `insufficient_role`.
 */
export function judgeWish(type: ConversationType, me: ParticipantState, wish: ParticipantWish): void {
  const isOwn = wish.participantId === me.userId;
  if (wish.notifications !== undefined && !isOwn) throw new AppError('insufficient_role');
  if (wish.role === undefined && wish.isMuted === undefined) return;
  demandGroup(type);
  demandModerator(me);
}

/**
 * What the wish comes to for `target`; undefined where it is so already.
 *
 * @throws AppError `insufficient_role` where the target, or the role that it would get, ranks above `me`; also for a
 *   muted one who would lift that by itself.
 */
export function changeStanding(
  me: ParticipantState,
  target: ParticipantState,
  wish: ParticipantWish,
): Standing | undefined {
  const wished: Standing = { role: wish.role ?? target.role, isMuted: wish.isMuted ?? target.isMuted };
  if (wish.role !== undefined || wish.isMuted !== undefined) {
    demandRank(me, target.role);
    demandRank(me, wished.role);
  }
  if (target.userId === me.userId && me.isMuted && !wished.isMuted) throw new AppError('insufficient_role');
  return wished.role === target.role && wished.isMuted === target.isMuted ? undefined : wished;
}

/**
 * Who takes somebody out: anybody oneself, others only by rank.
 *
 * @throws AppError `not_for_direct`, `insufficient_role`.
 */
export function judgeRemoval(type: ConversationType, me: ParticipantState, participantId: UserId): void {
  demandGroup(type);
  if (participantId !== me.userId) demandModerator(me);
}

/** Does the conversation need another admin once `target` steps down? */
export function isAdminLost(target: ParticipantState, wished: Standing): boolean {
  return target.role === 'admin' && wished.role !== 'admin';
}

/** Does it need another one once `target` is out of it? Nobody is left to need one where `target` is alone. */
export function isAdminGone(target: ParticipantState, participantCount: number): boolean {
  return target.role === 'admin' && participantCount > 1;
}

/** Whoever enters where nobody is left administers it from then on: nobody else could. */
export function roleOnEntry(participantCount: number): ParticipantRole {
  return participantCount === 0 ? 'admin' : 'participant';
}

/** @throws AppError `unknown_users` that names those of `asked` that are none, by their places in the list `field`. */
export function refuseUnknownUsers(field: string, asked: readonly UserId[], unknown: ReadonlySet<string>): void {
  if (unknown.size === 0) return;
  const issues = asked.flatMap((userId, place) =>
    unknown.has(userId) ? [{ path: `${field}.${place}`, message: `there is no user ${userId}` }] : [],
  );
  throw new AppError('unknown_users', { issues: new AnswerBudget().takeFirst(issues) });
}
