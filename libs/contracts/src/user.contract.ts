import { z } from 'zod';
import { UserId } from './ids';
import { defineRpc } from './rpc';
import { OwnUserView, UserView } from './view/user.view';

/** A user's profile as the verified token tells it. */
export const TokenProfile = z.object({
  email: z.string().nullable(),
  username: z.string().nullable(),
  displayName: z.string(),
  avatarUrl: z.string().nullable(),
  role: z.string(),
});
export type TokenProfile = z.infer<typeof TokenProfile>;

/** Creates the user at the first authenticated request, refreshes the profile at later ones. */
export const EnsureUser = defineRpc({
  subject: 'messaging.user.ensure',
  request: z.object({ userId: UserId, profile: TokenProfile }),
  response: z.object({ user: OwnUserView }),
  errors: [],
  timeoutMs: 5_000,
});

export const GetUser = defineRpc({
  subject: 'messaging.user.get',
  request: z.object({ userId: UserId }),
  response: z.object({ user: UserView }),
  errors: ['user_not_found'],
  timeoutMs: 5_000,
});
