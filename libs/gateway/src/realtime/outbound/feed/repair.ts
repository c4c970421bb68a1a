import type { ConversationId, Head, ListChanges, MessageView, ResponseOf } from '@parley/contracts';
import { type Change, change, editedMessage, newMessage, removedParticipant } from './change';

type Changes = ResponseOf<typeof ListChanges>;

/**
 * What happened in a conversation, told from its present state: one change for each thing that is not as it was, by the
 * `rev` of its last change. Revs rise, and not each of them has a change: what was superseded is not shown.
 *
 * @param since where those stand who are told.
 */
export function toChanges(id: ConversationId, found: Changes, since: Head): Change[] {
  const created = new Set(found.messages.map(({ rev }) => rev));
  const changes = [
    ...found.messages.map(({ rev, message }) => newMessage(id, { seq: message.seq, rev }, message)),
    // The root of a thread changes with the reply that was added, by the same rev: the reply tells of it.
    ...found.changed.filter(({ rev }) => !created.has(rev)).map(changedMessage),
    ...found.participants.map(({ rev, participant }) =>
      change('participant_updated', { conversation_id: id, rev, participant }),
    ),
    ...found.removed
      .filter(({ rev }) => rev <= found.head.rev)
      .map(({ rev, userId }) => removedParticipant(id, rev, userId)),
  ];
  return [...changes, ...settingsChange(found, since, changes)].sort((a, b) => a.rev - b.rev);
}

function changedMessage(message: MessageView): Change {
  const { id, conversation_id, rev, seq, is_deleted } = message;
  if (!is_deleted) return editedMessage(message, rev);
  return change('message_deleted', { conversation_id, rev, message_id: id, seq });
}

/**
 * The settings are shown at a rev that nothing else is shown at. Where there is none up to the last change of the details,
 * it was participants alone that changed.
 */
function settingsChange({ conversation, conversationRev, head }: Changes, since: Head, others: Change[]): Change[] {
  if (conversation === null) return [];
  const taken = new Set(others.map(({ rev }) => rev));
  for (let rev = Math.min(conversationRev, head.rev); rev > since.rev; rev--) {
    if (!taken.has(rev))
      return [change('conversation_updated', { conversation_id: conversation.id, rev, conversation })];
  }
  return [];
}
