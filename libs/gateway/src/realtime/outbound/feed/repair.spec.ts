import { ConversationId, type Head, type ListChanges, type ResponseOf, UserId } from '@parley/contracts';
import { aConversation, aMessage, aParticipant } from '@parley/testing';
import { toChanges } from './repair';

const id = ConversationId.parse('1');
const since: Head = { seq: 2, rev: 4 };

function found(fields: Partial<ResponseOf<typeof ListChanges>>): ResponseOf<typeof ListChanges> {
  return {
    messages: [],
    changed: [],
    participants: [],
    removed: [],
    conversation: null,
    conversationRev: 1,
    head: { seq: 9, rev: 9 },
    hasMore: false,
    ...fields,
  };
}

const told = (fields: Partial<ResponseOf<typeof ListChanges>>): string[] =>
  toChanges(id, found(fields), since).map(({ event, rev }) => `${event} ${rev}`);

describe('what a repair shows', () => {
  it('is in the order of revs, a new message at the rev of its creation', () => {
    const messages = [
      { rev: 5, message: aMessage({ seq: 3, rev: 9 }) },
      { rev: 6, message: aMessage({ seq: 4, rev: 6 }) },
    ];
    const changed = [aMessage({ seq: 1, rev: 7 }), aMessage({ seq: 2, rev: 8, is_deleted: true })];
    expect(told({ messages, changed })).toEqual([
      'new_message 5',
      'new_message 6',
      'message_edited 7',
      'message_deleted 8',
    ]);
  });

  it('leaves the root of a thread to the reply that changed it', () => {
    const messages = [{ rev: 5, message: aMessage({ seq: 3, rev: 5 }) }];
    expect(told({ messages, changed: [aMessage({ seq: 1, rev: 5 })] })).toEqual(['new_message 5']);
  });

  it('names who came, changed and left', () => {
    const participants = [{ rev: 6, participant: aParticipant() }];
    const removed = [{ rev: 5, userId: UserId.parse('bob') }];
    expect(told({ participants, removed })).toEqual(['participant_removed 5', 'participant_updated 6']);
  });

  it('does not go beyond its end, also where somebody left later', () => {
    expect(told({ removed: [{ rev: 10, userId: UserId.parse('bob') }] })).toEqual([]);
  });

  it('shows the settings at a rev of their own', () => {
    const participants = [{ rev: 7, participant: aParticipant() }];
    const conversation = aConversation({ id });
    expect(told({ participants, conversation, conversationRev: 7 })).toEqual([
      'conversation_updated 6',
      'participant_updated 7',
    ]);
  });

  it('does not show the settings where only participants changed', () => {
    const participants = [{ rev: 5, participant: aParticipant() }];
    const conversation = aConversation({ id });
    expect(told({ participants, conversation, conversationRev: 5 })).toEqual(['participant_updated 5']);
  });
});
