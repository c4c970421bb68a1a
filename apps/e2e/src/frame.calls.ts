import { randomUUID } from 'node:crypto';
import type { Actor, Stage } from './stage';

export type PayloadOf = (stage: Stage, actor: Actor) => object;

const conversation: PayloadOf = (stage, actor) => ({ conversation_id: stage.conversationOf(actor).id });
const message: PayloadOf = (stage, actor) => ({ message_id: stage.messageFor(actor).id });
const both: PayloadOf = (stage, actor) => ({ ...conversation(stage, actor), ...message(stage, actor) });
const reaction: PayloadOf = (stage, actor) => ({ ...message(stage, actor), emoji: '👍' });

/** A good payload of every frame that clients may send, but for who sends it. */
export const frameCalls: Readonly<Record<string, PayloadOf>> = {
  send_message: (stage, actor) => ({
    ...conversation(stage, actor),
    content: 'Hello!',
    client_message_id: randomUUID(),
  }),
  edit_message: (stage, actor) => ({ message_id: stage.ownMessageOf(actor).id, content: `Edited ${randomUUID()}` }),
  delete_message: message,
  message_read: both,
  message_delivered: both,
  add_reaction: reaction,
  remove_reaction: reaction,
  typing_start: conversation,
  typing_stop: conversation,
  join_conversation: conversation,
  leave_conversation: conversation,
  set_status: () => ({ status: 'busy' }),
  subscribe_presence: ({ cast }) => ({ user_ids: [cast.owner.id] }),
  sync: (stage, actor) => ({ heads: { [stage.conversationOf(actor).id]: { seq: 0, rev: 0 } } }),
  authenticate: (stage, actor) => ({ token: stage.person(actor).sign() }),
  ping: () => ({}),
};
