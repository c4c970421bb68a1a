import { ConversationId, MessageId, type MessageView, UserId, type ViewedMessage } from '@parley/contracts';

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
    mentions_everyone: false,
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

/** A message's view with valid defaults, as somebody sees it who has not read it. */
export function aViewedMessage(fields: Partial<ViewedMessage> = {}): ViewedMessage {
  return { ...aMessage(), reactions: {}, is_read: false, read_at: null, ...fields };
}
