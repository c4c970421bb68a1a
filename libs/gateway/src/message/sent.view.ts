import { type MessageView, RawJson, type ViewedMessage } from '@parley/contracts';

/** A message as its sender sees it when the send is answered: a repeated send answers what the first did. */
export function toSentView(message: RawJson<MessageView>, isRepeated: boolean): RawJson<ViewedMessage> {
  // Nobody has reacted to what was stored just now: nothing in it depends on who looks.
  if (!isRepeated) return RawJson.read(`${message.text.slice(0, -1)},${unreadFields}`);
  const { value } = message;
  const reactions = Object.entries(value.reactions).map(([emoji, { count, user_ids }]) => {
    return [emoji, { count, user_ids, me: user_ids.includes(value.sender_id) }] as const;
  });
  return RawJson.of({ ...value, reactions: Object.fromEntries(reactions), status: 'sent', ...unread });
}

const unread = { is_read: false, read_at: null } as const;
const unreadFields = JSON.stringify(unread).slice(1);
