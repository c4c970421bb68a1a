// What is stored, and whether anybody ever asked for it.
import type { MessageChange, RunRecord, StoredConversation, StoredMessage } from './run.record';

/** No message is there that nobody sent, and none was edited, deleted or reacted to by nobody. */
export function nothingIsUnasked({ conversations, wanted, begun }: RunRecord): string[] {
  const sent = new Map(wanted.map((each) => [keyOf(each.conversationId, each.userId, each.clientMessageId), each]));
  const asked = new Map<string, MessageChange[]>();
  for (const change of begun) {
    const place = keyOf(change.conversationId, change.seq);
    asked.set(place, [...(asked.get(place) ?? []), change]);
  }
  return conversations.flatMap((conversation) =>
    conversation.messages.flatMap((message) => {
      const send = sent.get(keyOf(conversation.id, message.senderId, message.clientMessageId));
      if (!send) return [`${describe(message, conversation)} was sent by nobody`];
      const changes = asked.get(keyOf(conversation.id, message.seq)) ?? [];
      return unasked(message, send.content, changes).map((what) => `${describe(message, conversation)} ${what}`);
    }),
  );
}

function unasked(message: StoredMessage, sent: string, changes: readonly MessageChange[]): string[] {
  if (message.isDeleted) return changes.some(({ kind }) => kind === 'delete') ? [] : ['was deleted by nobody'];
  const texts = message.isEdited ? changes.flatMap((each) => (each.kind === 'edit' ? [each.content] : [])) : [sent];
  const reactions = Object.entries(message.reactions).flatMap(([emoji, users]) =>
    users.filter((userId) => !changes.some((each) => isReaction(each, emoji, userId))).map((userId) => [emoji, userId]),
  );
  return [
    ...(texts.includes(message.content) ? [] : ['says what nobody wrote']),
    ...reactions.map(([emoji, userId]) => `has a ${emoji} of ${userId}, who did not react`),
  ];
}

function isReaction(change: MessageChange, emoji: string, userId: string): boolean {
  return change.kind === 'reaction' && change.isThere && change.emoji === emoji && change.userId === userId;
}

function keyOf(...parts: readonly (string | number | null)[]): string {
  return JSON.stringify(parts);
}

function describe({ seq, clientMessageId, content }: StoredMessage, { id }: StoredConversation): string {
  return `message ${seq} of conversation ${id} (${clientMessageId ?? 'no key'}, "${content}")`;
}
