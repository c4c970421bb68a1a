import { z } from 'zod';
import { ConversationId, UserId } from '../ids';
import { Timestamp } from '../text';
import { PresenceStatus } from './user.view';

/** Where a user is, as one other user may see it. Of strangers, and of those who block the viewer: `offline` and nulls. */
export const PresenceView = z
  .object({
    user_id: UserId,
    status: PresenceStatus,
    status_text: z.string().nullable(),
    /** In a conversation that the viewer is in, too. */
    is_typing: z.boolean(),
    typing_in_conversation: ConversationId.nullable(),
    /** When the user was last seen to go; null for users who never were here. */
    last_seen: Timestamp.nullable(),
  })
  .meta({ id: 'Presence' });
export type PresenceView = z.infer<typeof PresenceView>;
