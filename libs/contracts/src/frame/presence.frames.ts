import { z } from 'zod';
import { ConversationId, Rev, Seq, UserId } from '../ids';
import { CheckVoice, ListVisibleParticipants } from '../peer.contract';
import { text, Timestamp } from '../text';
import { PresenceView } from '../view/presence.view';
import { PresenceStatus, UserView } from '../view/user.view';
import { defineClientFrame } from './client.frame';

/** Users whose presence one frame may ask for. */
export const maxWatchedPerFrame = 200;

/** `typing_start`, `typing_stop`, `join_conversation`, `leave_conversation`. */
export const ConversationFrame = z
  .object({ conversation_id: z.string().max(64) })
  .meta({ id: 'ConversationFrame', example: { conversation_id: '7' } });
export type ConversationFrame = z.infer<typeof ConversationFrame>;

/** `set_status`. Answered with the user's own presence. */
export const SetStatusFrame = z
  .object({ status: PresenceStatus, status_text: text(0, 200).nullish() })
  .meta({ id: 'SetStatusFrame', example: { status: 'away', status_text: 'At lunch' } });
export type SetStatusFrame = z.infer<typeof SetStatusFrame>;

/** `subscribe_presence`: from here on the socket hears of them. Answered with `{ statuses }`, as they are now. */
export const SubscribePresenceFrame = z
  .object({ user_ids: z.array(UserId).max(maxWatchedPerFrame) })
  .meta({ id: 'SubscribePresenceFrame', example: { user_ids: ['bob'] } });
export type SubscribePresenceFrame = z.infer<typeof SubscribePresenceFrame>;

/** Answers `join_conversation`: where the conversation stands, and who of it is online. */
export const JoinedView = z.object({
  conversation_id: ConversationId,
  last_seq: Seq,
  rev: Rev,
  online_users: z.array(UserView),
});
export type JoinedView = z.infer<typeof JoinedView>;

const typing = { frame: ConversationFrame, ack: z.object({}), errors: CheckVoice.errors };
const viewing = { frame: ConversationFrame, errors: ListVisibleParticipants.errors };

/** What clients say of people, by event. */
export const presenceClientFrames = {
  typing_start: defineClientFrame({
    summary: 'Says that the user types; to be repeated while that goes on, since it ends by itself after 5 seconds.',
    ...typing,
  }),
  typing_stop: defineClientFrame({ summary: 'Says that the user does not type any more.', ...typing }),
  join_conversation: defineClientFrame({
    summary: 'Says that the user looks at a conversation. Not needed to hear of it.',
    ...viewing,
    ack: JoinedView,
  }),
  leave_conversation: defineClientFrame({
    summary: 'Says that the user looks at a conversation no longer.',
    ...viewing,
    ack: z.object({}),
  }),
  set_status: defineClientFrame({
    summary: "Sets the user's own status, for all devices.",
    frame: SetStatusFrame,
    ack: PresenceView,
    errors: [],
  }),
  subscribe_presence: defineClientFrame({
    summary: 'Asks to hear of the presence of these users from here on.',
    frame: SubscribePresenceFrame,
    ack: z.object({ statuses: z.array(PresenceView) }),
    errors: [],
  }),
} as const;

const inConversation = z.object({
  conversation_id: ConversationId,
  user_id: UserId,
  user_name: z.string().meta({ example: 'Alice' }),
});

/** What sockets are told of people. All of it may be lost: what is true now is asked with calls. */
export const presenceFrames = {
  user_status_change: z
    .object({
      user_id: UserId,
      status: PresenceStatus,
      is_typing: z.boolean(),
      /** Where the user types, or stopped to. */
      conversation_id: ConversationId.optional(),
      last_seen: Timestamp.nullable(),
    })
    .describe('Somebody came, went, chose a status, or began or stopped to type.'),
  typing_start: inConversation.describe(
    "Somebody types. Not to the user's own sockets; ends by itself after 5 seconds without another one.",
  ),
  typing_stop: inConversation.describe('Somebody does not type any more.'),
  user_joined: inConversation.describe('Somebody looks at the conversation, on whatever device.'),
  user_left: inConversation.describe('Somebody looks at the conversation no longer, on any device.'),
} as const;
