import { z } from 'zod';
import { AdminProfileBody, UpdateProfileBody } from './body/user.body';
import { defineEvent } from './event';
import { UserId } from './ids';
import { defineRpc } from './rpc';
import { Timestamp } from './text';
import { OwnUserView, UserProfileView } from './view/user.view';

/** A user's profile as the verified token tells it; null is what the token does not speak of. */
export const TokenProfile = z.object({
  email: z.string().nullable(),
  username: z.string().nullable(),
  displayName: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  role: z.string(),
});
export type TokenProfile = z.infer<typeof TokenProfile>;

/** Whether a user may come in. */
export const UserAccess = z.object({
  isBanned: z.boolean(),
  /** Tokens that were issued up to here are refused. */
  revokedAt: Timestamp.nullable(),
});
export type UserAccess = z.infer<typeof UserAccess>;

/**
 * Creates the user at the first authenticated request, refreshes what the user has not edited at later ones; unless a token
 * that was issued later has told of it.
 */
export const EnsureUser = defineRpc({
  subject: 'messaging.user.ensure',
  request: z.object({
    userId: UserId,
    profile: TokenProfile,
    /** When the token was issued, in seconds since 1970. One that does not say is believed. */
    issuedAt: z.number().int().positive().max(253_402_300_799).optional(),
  }),
  response: z.object({ user: OwnUserView, access: UserAccess }),
  errors: [],
  timeoutMs: 5_000,
});

export const GetUser = defineRpc({
  subject: 'messaging.user.get',
  request: z.object({ userId: UserId }),
  response: z.object({ user: UserProfileView }),
  errors: ['user_not_found'],
  timeoutMs: 5_000,
});

export const UpdateProfile = defineRpc({
  subject: 'messaging.user.update_profile',
  request: z.object({ userId: UserId, changes: UpdateProfileBody }),
  response: z.object({ user: OwnUserView }),
  errors: ['user_not_found', 'username_taken'],
  timeoutMs: 5_000,
});

/** Which of some users may not come in with every token: those that it does not name never were banned nor revoked. */
export const ReadAccess = defineRpc({
  subject: 'messaging.user.read_access',
  // 500 ids of the longest kind fit into one message of the bus.
  request: z.object({ userIds: z.array(UserId).min(1).max(500) }),
  response: z.object({ restricted: z.array(UserAccess.extend({ userId: UserId })) }),
  errors: [],
  timeoutMs: 5_000,
});

/**
 * For a product's own server: creates or updates profiles, also before a first sign-in. All of them or none.
 *
 * What it says stays: tokens do not overwrite it. What the user may do in the product follows the role in the token all
 * the same.
 */
export const UpsertUsers = defineRpc({
  subject: 'messaging.user.upsert',
  request: z.object({
    /** The role of the caller's token. */
    actorRole: z.string(),
    users: z
      .array(AdminProfileBody.extend({ id: UserId }))
      .min(1)
      .max(100),
  }),
  response: z.object({ users: z.array(OwnUserView), created: z.number().int() }),
  errors: ['admin_only', 'username_taken', 'validation_failed'],
  timeoutMs: 5_000,
});

/** Users by what the deployment lets be searched; where both are given, those whom both fit. Never more than a page. */
export const SearchUsers = defineRpc({
  subject: 'messaging.user.search',
  request: z.object({
    userId: UserId,
    /** Exact, or the beginning of one, of three characters and more. */
    email: z.string().optional(),
    /** The beginning of a name. */
    q: z.string().optional(),
    limit: z.number().int().min(1).max(100),
    /** `cursor` wins over `page`. Whoever wants more than a thousand asks more exactly. */
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({ users: z.array(UserProfileView), hasMore: z.boolean(), nextCursor: z.string().nullable() }),
  errors: ['validation_failed'],
  timeoutMs: 5_000,
});

/**
 * `ban` refuses the user until `unban`; `revoke` refuses tokens that were issued before now. Both close the user's sockets on
 * every gateway.
 */
export const ChangeAccess = defineRpc({
  subject: 'messaging.user.change_access',
  request: z.object({ actorRole: z.string(), userId: UserId, action: z.enum(['ban', 'unban', 'revoke']) }),
  response: z.object({ user: OwnUserView, access: UserAccess }),
  errors: ['admin_only', 'user_not_found'],
  timeoutMs: 5_000,
});

/** The blocked one cannot open or write in a direct conversation with the user, nor see the user's presence. */
export const ChangeBlock = defineRpc({
  subject: 'messaging.user.change_block',
  request: z.object({ userId: UserId, blockedId: UserId, isBlocked: z.boolean() }),
  response: z.object({
    user: UserProfileView,
    /** False where it was so already. */
    changed: z.boolean(),
  }),
  errors: ['user_not_found', 'validation_failed'],
  timeoutMs: 5_000,
});

/** By user id. `cursor` wins over `page`. */
export const ListBlocked = defineRpc({
  subject: 'messaging.user.list_blocked',
  request: z.object({
    userId: UserId,
    limit: z.number().int().min(1).max(100),
    page: z.number().int().min(1),
    cursor: z.string().optional(),
  }),
  response: z.object({ users: z.array(UserProfileView), hasMore: z.boolean(), nextCursor: z.string().nullable() }),
  errors: ['validation_failed'],
  timeoutMs: 5_000,
});

/** A user was banned, let in again, or had the tokens revoked. Every gateway hears it. */
export const UserAccessChanged = defineEvent({
  scope: 'user',
  name: 'access_changed',
  payload: z.object({ v: z.literal(1), userId: UserId, access: UserAccess }),
});
