import type { MessageState } from './message.state';
import type { DeviceRecord, MessageChange, RunRecord, StoredConversation, StoredMessage } from './run.record';
import { SocketWitness } from './socket.witness';

/** A message of conversation 7 that nobody has changed. */
export function aStoredMessage(fields: Partial<StoredMessage> & { readonly seq: number }): StoredMessage {
  const rev = fields.seq + 1;
  return {
    id: String(100 + fields.seq),
    rev,
    createdRev: rev,
    senderId: 'alice',
    clientMessageId: `m${fields.seq}`,
    content: `message ${fields.seq}`,
    isEdited: false,
    isDeleted: false,
    attachments: [],
    reactions: {},
    ...fields,
  };
}

/** Conversation 7 of alice and bob, with three messages. */
export function aStoredConversation(fields: Partial<StoredConversation> = {}): StoredConversation {
  const messages = fields.messages ?? [1, 2, 3].map((seq) => aStoredMessage({ seq }));
  const memberships = ['alice', 'bob'].map((userId) => ({ userId, rev: 1, isIn: true, at: 0 }));
  return {
    id: '7',
    lastSeq: messages.length,
    rev: messages.length + 1,
    messages,
    participants: memberships.map(({ at: _at, ...each }) => ({ ...each, lastReadSeq: 0 })),
    memberships,
    ...fields,
  };
}

/** A device that shows conversations as they are stored. */
export function aDevice(userId: string, ...stored: readonly StoredConversation[]): DeviceRecord {
  const shown = stored.map(({ id, lastSeq, rev, messages }) => {
    const states = messages.map(({ createdRev: _createdRev, ...state }): [number, MessageState] => [state.seq, state]);
    return [id, { head: { seq: lastSeq, rev }, messages: new Map(states) }] as const;
  });
  return { name: `${userId}/1`, userId, conversations: new Map(shown) };
}

/** A socket that was told of these revs of conversation 7. */
export function aSocket(userId: string, ...revs: readonly number[]): SocketWitness {
  const socket = new SocketWitness(`${userId}/1.1`, userId, false);
  socket.epochs.add('e');
  socket.seen.set('7', new Map(revs.map((rev) => [rev, 'new_message'])));
  return socket;
}

/** The changes that left a conversation's messages as they are. */
function changesOf({ id: conversationId, messages }: StoredConversation): MessageChange[] {
  return messages.flatMap(({ seq, senderId: userId, content, isEdited, isDeleted, reactions }) => {
    const place = { conversationId, seq };
    return [
      ...(isDeleted ? [{ ...place, userId, kind: 'delete' } as const] : []),
      ...(isEdited ? [{ ...place, userId, kind: 'edit', content } as const] : []),
      ...Object.entries(reactions).flatMap(([emoji, users]) =>
        users.map((user) => ({ ...place, userId: user, kind: 'reaction', emoji, isThere: true }) as const),
      ),
    ];
  });
}

/** A run in which nothing went wrong. */
export function aRun(fields: Partial<RunRecord> = {}): RunRecord {
  const conversation = aStoredConversation();
  const conversations = fields.conversations ?? [conversation];
  return {
    conversations,
    wanted: conversations.flatMap(({ id: conversationId, messages }) =>
      messages.map(({ senderId: userId, clientMessageId, content }) => ({
        conversationId,
        userId,
        clientMessageId: clientMessageId ?? '',
        content,
      })),
    ),
    sends: conversation.messages.map(({ id, seq, content }) => ({
      conversationId: '7',
      userId: 'alice',
      clientMessageId: `m${seq}`,
      id,
      seq,
      content,
    })),
    begun: conversations.flatMap(changesOf),
    bursts: [],
    files: [],
    changes: [],
    failures: [],
    sockets: [aSocket('alice', 1, 2, 3, 4), aSocket('bob', 1, 2, 3, 4)],
    devices: [aDevice('alice', conversation), aDevice('bob', conversation)],
    unread: [{ userId: 'bob', conversationId: '7', told: 3, counted: 3 }],
    presence: [{ userId: 'alice', viewerId: 'bob', status: 'online', hasSocket: true }],
    outboxRows: 0,
    deaths: [],
    lapses: [],
    recoveries: [{ fault: 'kill-gateway', tookMs: 900 }],
    maxRecoveryMs: 1_000,
    ...fields,
  };
}
