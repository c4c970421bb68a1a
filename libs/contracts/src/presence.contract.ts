import { z } from 'zod';
import { defineEvent } from './event';
import { ConversationId, UserId } from './ids';
import { defineRpc } from './rpc';
import { Timestamp } from './text';
import { PresenceStatus } from './view/user.view';

/** Users and viewers in one report. */
export const maxReported = 500;

/** A user who looks at a conversation. */
const Viewer = z.tuple([ConversationId, UserId]);

/**
 * What a gateway knows of its own sockets: whose there are, and who looks at what on them. State, not transitions: said
 * again and again it changes nothing, and what is no longer said ends by itself when its lease does.
 */
export const ReportPresence = defineRpc({
  subject: 'presence.session.report',
  request: z.object({
    /** One run of one gateway: a new one for each start. */
    gatewayId: z.string().min(1).max(64),
    /**
     * They have sockets here. What the gateway remembers of the status that each has chosen restores it where the store lost
     * it.
     */
    present: z.array(z.tuple([UserId, PresenceStatus.nullable()])).max(maxReported),
    /** They have none here any more. */
    gone: z.array(UserId).max(maxReported),
    viewing: z.array(Viewer).max(maxReported),
    left: z.array(Viewer).max(maxReported),
    /** They made requests: a status that was set without a socket holds on. */
    active: z.array(UserId).max(maxReported),
  }),
  response: z.object({
    /** Of those present: for whom something else was chosen than the gateway said. */
    chosen: z.array(z.tuple([UserId, PresenceStatus.nullable()])).default([]),
  }),
  errors: [],
  timeoutMs: 2_000,
});

/** Sets what a user wants to be seen as. With a socket it holds while one lives, without for 5 minutes after the last request. */
export const ChooseStatus = defineRpc({
  subject: 'presence.status.choose',
  request: z.object({ userId: UserId, status: PresenceStatus }),
  response: z.object({
    status: PresenceStatus,
    /** Set with `offline`. */
    lastSeen: Timestamp.nullable().default(null),
  }),
  errors: [],
  timeoutMs: 2_000,
});

/** A status that is not `offline`, or the time of one that has just become so. Times are those of the presence store. */
export const KnownPresence = z.object({ userId: UserId, status: PresenceStatus, lastSeen: Timestamp.nullable() });
export type KnownPresence = z.infer<typeof KnownPresence>;

/** How users are seen by those who may see them. Who is left out is offline, since whenever the profile says. */
export const ReadStatuses = defineRpc({
  subject: 'presence.status.read',
  request: z.object({ userIds: z.array(UserId).max(1_000) }),
  response: z.object({
    statuses: z.array(KnownPresence),
    /** False after the store has lost all, until everybody was reported anew: who is left out may be there. */
    isComplete: z.boolean().default(true),
  }),
  errors: [],
  timeoutMs: 2_000,
});

/** Users are seen differently now. */
export const PresenceChanged = defineEvent({
  scope: 'live',
  name: 'presence.changed',
  payload: z.object({
    v: z.literal(1),
    changes: z.array(
      z.object({
        userId: UserId,
        status: PresenceStatus,
        /** What the user wants to be seen as; null where sockets alone decide. */
        chosen: PresenceStatus.nullable(),
        /** Set with `offline`. */
        lastSeen: Timestamp.nullable(),
      }),
    ),
  }),
});

/** Users began to look at a conversation, or stopped, on the last of their devices. */
export const ViewingChanged = defineEvent({
  scope: 'live',
  name: 'presence.viewing_changed',
  payload: z.object({
    v: z.literal(1),
    changes: z.array(z.object({ conversationId: ConversationId, userId: UserId, isViewing: z.boolean() })),
  }),
});

/** A user types in a conversation, or stopped. Said by the gateway that heard it, to all of them. */
export const TypingChanged = defineEvent({
  scope: 'live',
  name: 'typing.changed',
  payload: z.object({
    v: z.literal(1),
    conversationId: ConversationId,
    userId: UserId,
    userName: z.string(),
    isTyping: z.boolean(),
    /** Where it came with a status: then it is told as a `user_status_change`, too. */
    status: PresenceStatus.optional(),
  }),
});

/** A user blocks another, or no longer: gateways that hold sockets of the blocked one hide the blocker's presence from them. */
export const BlockChanged = defineEvent({
  scope: 'live',
  name: 'user.block_changed',
  payload: z.object({ v: z.literal(1), blockerId: UserId, blockedId: UserId, isBlocked: z.boolean() }),
});
