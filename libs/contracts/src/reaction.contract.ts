import { z } from 'zod';
import { Emoji } from './body/message.body';
import { defineEvent } from './event';
import { ConversationId, MessageId, Rev, Seq, UserId } from './ids';
import { defineRpc } from './rpc';
import { ViewedMessage } from './view/message.view';

const reaction = z.object({ userId: UserId, messageId: MessageId, emoji: Emoji });
const response = z.object({ message: ViewedMessage });

/** One of each emoji a user. Of what is there already it answers the message as it is. */
export const AddReaction = defineRpc({
  subject: 'messaging.reaction.add',
  request: reaction,
  response,
  errors: [
    'message_not_found',
    'not_a_participant',
    'participant_muted',
    'user_blocked',
    'message_deleted',
    'too_many_reactions',
  ],
  timeoutMs: 5_000,
});

/** Takes the user's own reaction back, if there is one. */
export const RemoveReaction = defineRpc({
  subject: 'messaging.reaction.remove',
  request: reaction,
  response,
  errors: ['message_not_found', 'not_a_participant'],
  timeoutMs: 5_000,
});

const payload = z.object({
  v: z.literal(1),
  conversationId: ConversationId,
  rev: Rev,
  messageId: MessageId,
  seq: Seq,
  userId: UserId,
  emoji: z.string(),
});

export const ReactionAdded = defineEvent({ scope: 'conversation', name: 'reaction_added', payload });
export const ReactionRemoved = defineEvent({ scope: 'conversation', name: 'reaction_removed', payload });
