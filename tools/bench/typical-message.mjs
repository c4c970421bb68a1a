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
    metadata: null,
  };
}

/** As it is answered, and shown to participants. */
export function messageView({ conversationId, senderId, key }) {
  return {
    id: '1000042',
    conversation_id: conversationId,
    seq: 4711,
    rev: 4712,
    sender_id: senderId,
    sender_name: 'Ada Lovelace',
    sender_avatar_url: null,
    content,
    message_type: 'text',
    reply_to_id: null,
    reply_to_content: null,
    metadata: {},
    client_message_id: key.id,
    created_at: '2026-01-20T10:00:00.000Z',
    updated_at: '2026-01-20T10:00:00.000Z',
    is_edited: false,
    is_deleted: false,
    status: 'sent',
  };
}
