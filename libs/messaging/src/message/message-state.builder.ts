import type { MessageId, UserId } from '@parley/contracts';
import type { MessageState } from './message.state';

/** A message with valid defaults: a text that Alice sent a minute ago. */
export function aMessageState(fields: Partial<MessageState> = {}): MessageState {
  return {
    id: '1' as MessageId,
    seq: 1,
    senderId: 'alice' as UserId,
    messageType: 'text',
    ageSeconds: 60,
    threadRootId: null,
    isDeleted: false,
    isPinned: false,
    ...fields,
  };
}
