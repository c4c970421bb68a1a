import { isDeepStrictEqual } from 'node:util';
import type { ConversationType, Metadata, UpdateConversationBody } from '@parley/contracts';
import { demandGroup, demandModerator } from '../participant/participant.policy';
import type { ParticipantState } from '../participant/participant.state';

/** What admins and moderators decide for all. */
export interface ConversationSettings {
  readonly title: string | null;
  readonly description: string | null;
  readonly avatarUrl: string | null;
  readonly visibility: 'private' | 'public';
  readonly posting: 'everyone' | 'moderators';
  readonly metadata: Metadata;
}

/**
 * Settings are for admins and moderators, and a direct conversation has none to change. What users change for themselves
 * alone, each of them may.
 *
 * @throws AppError `not_for_direct`, `insufficient_role`.
 */
export function judgeUpdate(
  type: ConversationType,
  me: ParticipantState,
  present: ConversationSettings,
  wish: UpdateConversationBody,
): void {
  if (!namesSettings(present, wish)) return;
  demandGroup(type);
  demandModerator(me);
}

/** The settings as they are wished; undefined where they are so already. `metadata` is replaced as a whole. */
export function changeSettings(
  present: ConversationSettings,
  wish: UpdateConversationBody,
): ConversationSettings | undefined {
  const wished: ConversationSettings = {
    title: wish.title === undefined ? present.title : wish.title,
    description: wish.description === undefined ? present.description : wish.description,
    avatarUrl: wish.avatar_url === undefined ? present.avatarUrl : wish.avatar_url,
    visibility: wish.visibility ?? present.visibility,
    posting: wish.posting ?? present.posting,
    metadata: wish.metadata ?? present.metadata,
  };
  return isDeepStrictEqual(wished, present) ? undefined : wished;
}

/** Clients that fill what they do not mean with null wish nothing by it, unless there is something to take away. */
function namesSettings(present: ConversationSettings, wish: UpdateConversationBody): boolean {
  const isMeant = (value: unknown, there: unknown) => value !== undefined && (value !== null || there !== null);
  return (
    isMeant(wish.title, present.title) ||
    isMeant(wish.description, present.description) ||
    isMeant(wish.avatar_url, present.avatarUrl) ||
    [wish.visibility, wish.posting, wish.metadata].some((value) => isMeant(value, null))
  );
}
