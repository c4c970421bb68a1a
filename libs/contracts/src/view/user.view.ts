import { z } from 'zod';
import { UserId } from '../ids';
import { Timestamp } from '../text';

export const PresenceStatus = z.enum(['online', 'offline', 'away', 'busy']);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

/** What participants see of a user. */
export const UserView = z
  .object({
    id: UserId,
    username: z.string().nullable().meta({ example: 'alice' }),
    display_name: z.string().meta({ example: 'Alice' }),
    avatar_url: z.string().nullable(),
    status: PresenceStatus,
    last_seen: Timestamp.nullable(),
  })
  .meta({
    id: 'User',
    description: '`status` and `last_seen` are for those who may see them: `offline` and null else.',
  });
export type UserView = z.infer<typeof UserView>;

/** A user as events of conversations carry it. They are the same for everybody, and who may see whom is not. */
export const AnnouncedUser = UserView.extend({
  status: PresenceStatus.meta({
    example: 'offline',
    description:
      'Always `offline`: who is online is not told here. `subscribe_presence` and `GET /api/users/status` answer how ' +
      'somebody is seen now, and `user_status_change` tells when that changes.',
  }),
  last_seen: Timestamp.nullable().meta({ description: 'Always null, as `status` is always `offline`.' }),
}).meta({ id: 'UserEvent', description: 'A user as events of conversations show it: without presence.' });

/** A user's profile, as everybody sees it. */
export const UserProfileView = UserView.extend({ status_text: z.string().nullable() }).meta({ id: 'UserProfile' });
export type UserProfileView = z.infer<typeof UserProfileView>;

/** What users see of themselves, and administrators of others. */
export const OwnUserView = UserProfileView.extend({
  email: z.string().nullable().meta({ example: 'alice@example.com' }),
  role: z.string().meta({ example: 'user' }),
  is_banned: z.boolean(),
  created_at: Timestamp,
}).meta({ id: 'OwnUser' });
export type OwnUserView = z.infer<typeof OwnUserView>;
