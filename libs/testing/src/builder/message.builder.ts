import { ConversationId, MessageId, type MessageView, UserId } from '@parley/contracts';

/** A message's view with valid defaults: the first one of conversation 1, by Alice. */
export function aMessage(fields: Partial<MessageView> = {}): MessageView {
  return {
    id: MessageId.parse('1'),
    conversation_id: ConversationId.parse('1'),
    seq: 1,
    // The conversation's creation is rev 1.
    rev: (fields.seq ?? 1) + 1,
    sender_id: UserId.parse('alice'),
    sender_name: 'Alice',
    sender_avatar_url: null,
    content: 'Hello!',
    message_type: 'text',
    reply_to_id: null,
    reply_to_content: null,
    thread_root_id: null,
    thread: null,
    attachments: [],
    reactions: {},
    mentions: [],
    edited_at: null,
    deleted_at: null,
    pinned_at: null,
    metadata: {},
    client_message_id: null,
    created_at: '2026-01-20T10:00:00.000Z',
    updated_at: '2026-01-20T10:00:00.000Z',
    is_edited: false,
    is_deleted: false,
    status: 'sent',
    ...fields,
  };
}
