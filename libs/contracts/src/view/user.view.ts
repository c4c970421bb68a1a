import { z } from 'zod';
import { UserId } from '../ids';
import { Timestamp } from '../text';

/** What participants see of a user. */
export const UserView = z
  .object({
    id: UserId,
    username: z.string().nullable(),
    display_name: z.string(),
    avatar_url: z.string().nullable(),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof UserView>;

/** What users see of themselves. */
export const OwnUserView = UserView.extend({
  email: z.string().nullable(),
  role: z.string(),
  created_at: Timestamp,
}).meta({ id: 'OwnUser' });
export type OwnUserView = z.infer<typeof OwnUserView>;
