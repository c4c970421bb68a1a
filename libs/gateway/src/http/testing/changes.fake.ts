import { Controller } from '@nestjs/common';
import { RpcHandler } from '@parley/bus';
import {
  AddParticipants,
  AddReaction,
  CancelScheduled,
  ConversationId,
  DeleteConversation,
  DeleteMessage,
  EditMessage,
  ListPublicConversations,
  MarkReceived,
  PinMessage,
  RemoveParticipant,
  type RequestOf,
  type Rpc,
  type ScheduledMessageView,
  ScheduleMessage,
  UpdateConversation,
  UpdateParticipant,
  UserId,
} from '@parley/contracts';
import { aParticipant, aViewedConversation, aViewedMessage } from '@parley/testing';

const at = '2026-01-20T10:00:00.000Z';
const scheduled: ScheduledMessageView = {
  id: '5',
  conversation_id: ConversationId.parse('1'),
  sender_id: UserId.parse('alice'),
  content: 'Later',
  message_type: 'text',
  reply_to_id: null,
  thread_root_id: null,
  attachment_ids: [],
  mentions: [],
  metadata: {},
  client_message_id: null,
  send_at: at,
  created_at: at,
  status: 'scheduled',
  message_id: null,
  seq: null,
};
const message = aViewedMessage();
const participant = aParticipant();

const answers: readonly (readonly [Rpc, unknown])[] = [
  [UpdateConversation, { conversation: aViewedConversation() }],
  [DeleteConversation, {}],
  [ListPublicConversations, { conversations: [], hasMore: false, nextCursor: null }],
  [AddParticipants, { participants: [participant], added: 1 }],
  [UpdateParticipant, { participant, notifications: 'mentions' }],
  [RemoveParticipant, {}],
  [EditMessage, { message }],
  [DeleteMessage, { message }],
  [AddReaction, { message }],
  [PinMessage, { message }],
  [MarkReceived, { conversationId: '1', upToSeq: 7, at, unreadCount: 2, mentionCount: 1 }],
  [ScheduleMessage, { scheduled, duplicate: false }],
  [CancelScheduled, { scheduled }],
];

/** The rest of the messaging service: answers always alike, and keeps what it was asked. For what REST makes of requests. */
@Controller()
export class FakeChanges {
  readonly asked = new Map<string, unknown>();

  /** What was asked last. */
  lastOf<R extends Rpc>(rpc: R): RequestOf<R> {
    return this.asked.get(rpc.subject) as RequestOf<R>;
  }
}

for (const [rpc, answer] of answers) {
  const value = function (this: FakeChanges, request: unknown): unknown {
    this.asked.set(rpc.subject, request);
    return answer;
  };
  const descriptor = { value, writable: true, configurable: true };
  Object.defineProperty(FakeChanges.prototype, rpc.subject, descriptor);
  RpcHandler(rpc)(FakeChanges.prototype, rpc.subject, descriptor as TypedPropertyDescriptor<never>);
}
