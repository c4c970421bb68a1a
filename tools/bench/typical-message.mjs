// What a message of ordinary length is on its way, so that baselines carry the same bytes.
import { randomUUID } from 'node:crypto';

export const content =
  'Shall we meet at the station at six? The train leaves from platform nine, and I have both tickets.';

/** As the gateway asks for it to be stored. */
export function sendRequest() {
  return {
    conversationId: '1042',
    senderId: 'user-17',
    key: { by: 'client', id: randomUUID() },
    content,
    messageType: 'text',
    replyToId: null,
    threadRootId: null,
    attachmentIds: [],
    mentions: [],
    metadata: null,
  };
}

const stored = { id: '1000042', seq: 4711, senderName: 'Ada Lovelace', createdAt: '2026-01-20T10:00:00.000Z' };

/** As it is answered, and shown to participants: all fields of the contract's view. */
export function messageView(
  { conversationId, senderId, content: text, key },
  { id, seq, senderName, createdAt } = stored,
) {
  return {
    id,
    conversation_id: conversationId,
    seq,
    rev: seq + 1,
    sender_id: senderId,
    sender_name: senderName,
    sender_avatar_url: null,
    content: text,
    message_type: 'text',
    reply_to_id: null,
    reply_to_content: null,
    thread_root_id: null,
    thread: null,
    attachments: [],
    reactions: {},
    mentions: [],
    mentions_everyone: false,
    edited_at: null,
    deleted_at: null,
    pinned_at: null,
    metadata: {},
    client_message_id: key.id,
    created_at: createdAt,
    updated_at: createdAt,
    is_edited: false,
    is_deleted: false,
    status: 'sent',
  };
}
