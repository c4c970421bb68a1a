import type { MessageView, ViewedMessage } from '@parley/contracts';

/** A message as its sender sees it when the send is answered: a repeated send answers what the first did. */
export function toSentView(message: MessageView): ViewedMessage {
  const reactions = Object.entries(message.reactions).map(([emoji, { count, user_ids }]) => {
    return [emoji, { count, user_ids, me: user_ids.includes(message.sender_id) }] as const;
  });
  return { ...message, reactions: Object.fromEntries(reactions), status: 'sent', is_read: false, read_at: null };
}
