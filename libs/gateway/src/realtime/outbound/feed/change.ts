import {
  type ChatEvent,
  ConversationDeleted,
  type ConversationId,
  ConversationUpdated,
  type Head,
  MessageCreated,
  MessageDeleted,
  MessageEdited,
  MessagePinned,
  MessageUnpinned,
  type MessageView,
  ParticipantAdded,
  ParticipantRemoved,
  ParticipantUpdated,
  type PayloadOf,
  type RawJson,
  ReactionAdded,
  ReactionRemoved,
  type Rev,
  type Seq,
  type ServerEvent,
  type ServerFrame,
  type UserId,
} from '@parley/contracts';
import type { ReceivedEvent } from '@parley/bus';

/** One durable change of a conversation, ready to be shown to its sockets. */
export interface Change {
  readonly rev: Rev;
  /** Set where the change is a new message: its position. */
  readonly seq?: Seq;
  readonly event: ServerEvent;
  readonly frame: object;
  /** Whose sockets hear this as the last of the conversation. */
  readonly removes?: UserId | 'everybody';
}

type Mapper = (event: ReceivedEvent) => Change;

/** How an event is shown: one line of the table below. */
function shown<E extends ChatEvent<'conversation'>>(
  event: E,
  map: (payload: PayloadOf<E>) => Change,
): [name: string, mapper: Mapper] {
  return [event.name, (received) => map(received.parse(event))];
}

/** How each durable fact of a conversation is shown. A fact that is not here is newer than this gateway, or not for clients. */
const mappers: ReadonlyMap<string, Mapper> = new Map([
  shown(MessageCreated, ({ conversationId, rev, seq, message }) => newMessage(conversationId, { seq, rev }, message)),
  shown(MessageEdited, ({ rev, message }) => editedMessage(message, rev)),
  shown(MessageDeleted, ({ conversationId, rev, messageId, seq }) =>
    change('message_deleted', { conversation_id: conversationId, rev, message_id: messageId, seq }),
  ),
  shown(MessagePinned, (pinned) => change('message_pinned', pinOf(pinned))),
  shown(MessageUnpinned, (unpinned) => change('message_unpinned', pinOf(unpinned))),
  shown(ReactionAdded, (added) => change('reaction_added', reactionOf(added))),
  shown(ReactionRemoved, (removed) => change('reaction_removed', reactionOf(removed))),
  shown(ConversationUpdated, ({ conversationId, rev, conversation }) =>
    change('conversation_updated', { conversation_id: conversationId, rev, conversation }),
  ),
  shown(ConversationDeleted, ({ conversationId, rev }) => deletedConversation(conversationId, rev)),
  shown(ParticipantAdded, ({ conversationId, rev, participant }) =>
    change('participant_added', { conversation_id: conversationId, rev, participant }),
  ),
  shown(ParticipantUpdated, ({ conversationId, rev, participant }) =>
    change('participant_updated', { conversation_id: conversationId, rev, participant }),
  ),
  shown(ParticipantRemoved, ({ conversationId, rev, userId }) => removedParticipant(conversationId, rev, userId)),
]);

/** The change that an event of `chat.conversation.<id>.<name>` tells of. Throws where the payload is not what it should be. */
export function toChange(name: string, event: ReceivedEvent): Change | undefined {
  return mappers.get(name)?.(event);
}

/** @param at where the conversation stands with the message, which may have changed since. */
export function newMessage(
  id: ConversationId,
  { seq, rev }: Head,
  message: MessageView | RawJson<MessageView>,
): Change {
  return { rev, seq, event: 'new_message', frame: { conversation_id: id, rev, message } };
}

export function editedMessage(message: MessageView, rev: Rev): Change {
  return change('message_edited', { conversation_id: message.conversation_id, rev, message });
}

export function removedParticipant(conversationId: string, rev: Rev, userId: UserId): Change {
  return {
    ...change('participant_removed', { conversation_id: conversationId, rev, user_id: userId }),
    removes: userId,
  };
}

export function deletedConversation(conversationId: string, rev: Rev): Change {
  return { ...change('conversation_deleted', { conversation_id: conversationId, rev }), removes: 'everybody' };
}

export function change<E extends ServerEvent>(event: E, frame: ServerFrame<E> & { readonly rev: Rev }): Change {
  return { rev: frame.rev, event, frame };
}

function pinOf({ conversationId, rev, userId, message }: PayloadOf<typeof MessagePinned>) {
  return { conversation_id: conversationId, rev, message_id: message.id, user_id: userId, message };
}

function reactionOf({ conversationId, rev, messageId, userId, emoji }: PayloadOf<typeof ReactionAdded>) {
  return { conversation_id: conversationId, rev, message_id: messageId, user_id: userId, emoji };
}
