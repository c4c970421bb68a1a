import type { ConversationId, UserId } from '@parley/contracts';

/** What leases are held on: a user, or a user's looking at one conversation. A name, so that stores need not know more. */
export type Presentity = string & { readonly __brand: 'Presentity' };

export interface Viewer {
  readonly conversationId: ConversationId;
  readonly userId: UserId;
}

const userMark = 'u:';
const viewerMark = 'v:';

export const ofUser = (userId: UserId): Presentity => (userMark + userId) as Presentity;

export const ofViewer = ({ conversationId, userId }: Viewer): Presentity =>
  `${viewerMark}${conversationId}:${userId}` as Presentity;

export function userOf(presentity: Presentity): UserId | undefined {
  return presentity.startsWith(userMark) ? (presentity.slice(userMark.length) as UserId) : undefined;
}

export function viewerOf(presentity: Presentity): Viewer | undefined {
  if (!presentity.startsWith(viewerMark)) return undefined;
  // Ids of conversations are decimal, those of users may hold anything.
  const colon = presentity.indexOf(':', viewerMark.length);
  return {
    conversationId: presentity.slice(viewerMark.length, colon) as ConversationId,
    userId: presentity.slice(colon + 1) as UserId,
  };
}
