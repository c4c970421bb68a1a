// What the database has to say in the end, by itself and about what was acknowledged.
import type { AckedChange, RunRecord, StoredConversation, StoredMessage } from './run.record';

/** Every acknowledged message is there, at the place that the acknowledgement named, and says what was sent. */
export function ackedIsStored({ conversations, sends }: RunRecord): string[] {
  const byId = new Map(conversations.map((each) => [each.id, each]));
  return sends.flatMap(({ conversationId, userId, clientMessageId, id, seq, content }) => {
    const stored = byId.get(conversationId)?.messages.find((each) => each.seq === seq);
    const isThere = stored?.id === id && stored.senderId === userId && stored.clientMessageId === clientMessageId;
    if (isThere && saysWhatWasSent(stored, content)) return [];
    const what = `message ${id} (${clientMessageId}) was acknowledged at seq ${seq} of conversation ${conversationId}`;
    if (isThere) return [`${what}: it says "${stored.content}"`];
    const found = stored ? `message ${stored.id} (${stored.clientMessageId ?? 'no key'})` : 'nothing';
    return [`${what}: there is ${found}`];
  });
}

/** An edit or a deletion may have replaced it: what those left is another rule's. */
function saysWhatWasSent({ content, isEdited, isDeleted }: StoredMessage, sent: string): boolean {
  return isEdited || isDeleted || content === sent;
}

/** No request was stored twice: no key of a sender, and no message under two keys. */
export function storedOnce({ conversations, sends }: RunRecord): string[] {
  const repeated = conversations.flatMap(({ id, messages }) =>
    repeats(
      messages.filter(({ clientMessageId }) => clientMessageId !== null),
      ({ senderId, clientMessageId }) => JSON.stringify([senderId, clientMessageId]),
    ).map((key) => `conversation ${id} holds ${key} twice`),
  );
  const ids = repeats(
    conversations.flatMap(({ messages }) => messages),
    ({ id }) => id,
  );
  const places = new Map<string, Set<string>>();
  for (const { conversationId, userId, clientMessageId, id } of sends) {
    const key = JSON.stringify([conversationId, userId, clientMessageId]);
    places.set(key, (places.get(key) ?? new Set()).add(id));
  }
  const acks = [...places].filter(([, answers]) => answers.size > 1).map(([key]) => key);
  return [
    ...repeated,
    ...ids.map((id) => `message id ${id} was given twice`),
    ...acks.map((key) => `the send ${key} was acknowledged as two messages`),
  ];
}

function repeats<T>(values: readonly T[], keyOf: (value: T) => string): string[] {
  const seen = new Set<string>();
  return values.map(keyOf).filter((key) => seen.size === seen.add(key).size);
}

/** In each conversation `seq` and `rev` run from 1 to its head without holes, and no two changes share a `rev`. */
export function numberedWithoutHoles({ conversations }: RunRecord): string[] {
  return conversations.flatMap(numbering);
}

function numbering(conversation: StoredConversation): string[] {
  const { id, lastSeq, rev, messages } = conversation;
  const wrong: string[] = [];
  if (messages.length !== lastSeq) wrong.push(`conversation ${id} holds ${messages.length} messages of ${lastSeq}`);
  for (const [index, message] of messages.entries()) {
    if (message.seq !== index + 1) wrong.push(`conversation ${id} has seq ${message.seq} at place ${index + 1}`);
    if (message.createdRev <= (messages[index - 1]?.createdRev ?? 0))
      wrong.push(`conversation ${id}: the rev of creation falls at seq ${message.seq}`);
    if (message.rev < message.createdRev || message.rev > rev)
      wrong.push(`conversation ${id}: message ${message.seq} has rev ${message.rev}, the conversation ${rev}`);
  }
  const revs = messages.flatMap((each) => (each.rev > each.createdRev ? [each.rev, each.createdRev] : [each.rev]));
  const twice = new Set([...repeats(revs, String), ...repeats(conversation.revs ?? [], String)]);
  return [...wrong, ...[...twice].map((each) => `conversation ${id} gave rev ${each} twice`), ...unused(conversation)];
}

/** Revs that no change has, or that are beyond the head. */
function unused({ id, rev, revs }: StoredConversation): string[] {
  if (revs === undefined) return [];
  const given = new Set(revs);
  const holes = Array.from({ length: rev }, (_, index) => index + 1).filter((each) => !given.has(each));
  const beyond = [...given].filter((each) => each > rev);
  return [
    ...holes.map((each) => `conversation ${id} has no change with rev ${each}, and stands at ${rev}`),
    ...beyond.map((each) => `conversation ${id} has a change with rev ${each}, and stands at ${rev}`),
  ];
}

/** What one socket pipelined to a conversation is stored in that order. */
export function burstsKeepTheirOrder({ bursts }: RunRecord): string[] {
  return bursts.flatMap((burst) =>
    burst.flatMap(({ userId, conversationId, clientMessageId, seq }, index) => {
      const before = burst[index - 1];
      if (!before || before.seq < seq) return [];
      const what = `${clientMessageId} (seq ${seq}) of ${userId} is before ${before.clientMessageId} (seq ${before.seq})`;
      return [`${what} in conversation ${conversationId}, though it was sent after it`];
    }),
  );
}

/** What was uploaded and sent is in its message and can be downloaded as it was, unless the message was deleted. */
export function filesAreServed({ conversations, files }: RunRecord): string[] {
  const byId = new Map(conversations.map((each) => [each.id, each]));
  return files.flatMap(({ conversationId, seq, fileId, isIntact }) => {
    const message = byId.get(conversationId)?.messages[seq - 1];
    if (message?.isDeleted) return [];
    const what = `the file ${fileId} of message ${seq} of conversation ${conversationId}`;
    if (!message?.attachments.includes(fileId)) return [`${what} is not in it`];
    if (isIntact) return [];
    return [`${what} is ${isIntact === undefined ? 'not served' : 'served with other bytes'}`];
  });
}

/** The last acknowledged edit, deletion, reaction, read mark and membership of each thing is what is there. */
export function changesAreApplied({ conversations, changes }: RunRecord): string[] {
  const byId = new Map(conversations.map((each) => [each.id, each]));
  const last = new Map(changes.map((change) => [targetOf(change), change]));
  // A cursor never goes back: each mark holds, whatever was read after it.
  const reads = changes.filter(({ kind }) => kind === 'read');
  return [...new Set([...last.values(), ...reads])].flatMap((change) => {
    const conversation = byId.get(change.conversationId);
    const fault = conversation ? mismatch(change, conversation) : 'the conversation is gone';
    return fault === undefined ? [] : [`${describe(change)} was acknowledged: ${fault}`];
  });
}

function targetOf(change: AckedChange): string {
  const { kind, conversationId, userId } = change;
  switch (change.kind) {
    case 'edit':
    case 'delete':
      return JSON.stringify([kind, conversationId, change.seq]);
    case 'reaction':
      return JSON.stringify([kind, conversationId, change.seq, userId, change.emoji]);
    case 'read':
    case 'membership':
      return JSON.stringify([kind, conversationId, userId]);
  }
}

function mismatch(change: AckedChange, { messages, participants }: StoredConversation): string | undefined {
  if (change.kind === 'read' || change.kind === 'membership') {
    const participant = participants.find(({ userId }) => userId === change.userId);
    if (!participant) return 'there is no such participant';
    if (change.kind === 'membership')
      return participant.isIn === change.isIn ? undefined : `the user is ${participant.isIn ? 'in' : 'out'}`;
    const { lastReadSeq } = participant;
    return lastReadSeq >= change.seq ? undefined : `the cursor is at ${lastReadSeq}`;
  }
  const message = messages[change.seq - 1];
  return message ? mismatchOfMessage(change, message) : 'there is no such message';
}

function mismatchOfMessage(
  change: Extract<AckedChange, { kind: 'edit' | 'delete' | 'reaction' }>,
  message: StoredMessage,
): string | undefined {
  if (change.kind === 'delete') return message.isDeleted ? undefined : 'the message is there';
  // Nothing outlives the deletion that came after it.
  if (message.isDeleted) return undefined;
  if (change.kind === 'edit')
    return message.content === change.content ? undefined : `the message says "${message.content}"`;
  const isThere = (message.reactions[change.emoji] ?? []).includes(change.userId);
  return isThere === change.isThere ? undefined : `the reaction is ${isThere ? 'there' : 'not there'}`;
}

function describe(change: AckedChange): string {
  const place = `conversation ${change.conversationId}`;
  switch (change.kind) {
    case 'edit':
      return `the edit of message ${change.seq} of ${place} to "${change.content}"`;
    case 'delete':
      return `the deletion of message ${change.seq} of ${place}`;
    case 'reaction':
      return `${change.isThere ? 'adding' : 'removing'} ${change.emoji} of ${change.userId} at message ${change.seq} of ${place}`;
    case 'read':
      return `reading ${place} up to ${change.seq} by ${change.userId}`;
    case 'membership':
      return `${change.isIn ? 'adding' : 'removing'} ${change.userId} in ${place}`;
  }
}

/** What the server says is unread is what a count of the messages says. */
export function unreadIsCounted({ unread }: RunRecord): string[] {
  return unread
    .filter(({ told, counted }) => told !== counted)
    .map(
      ({ userId, conversationId, told, counted }) =>
        `${userId} is told of ${told} unread messages in conversation ${conversationId}, where ${counted} are`,
    );
}
