import { ConversationId, UserId } from '@parley/contracts';
import { aSend, toDraft } from '../messaging.scene';
import { impliedReceipts, type SentMessage } from './message-reading.policy';

const sent = (
  seq: number,
  senderReadSeq: number,
  fields: { sender?: string; isScheduled?: boolean } = {},
): SentMessage => {
  const { sender = 'alice', isScheduled = false } = fields;
  const request = aSend({ conversationId: ConversationId.parse('1'), senderId: UserId.parse(sender) });
  return {
    draft: { ...toDraft(request), isScheduled },
    id: String(100 + seq),
    seq,
    createdAt: '2026-01-20T10:00:00.000Z',
    senderReadSeq,
    participantCount: 2,
  };
};
const told = (...messages: SentMessage[]): string[] =>
  impliedReceipts(messages).map(({ receipt }) => `${receipt.userId} ${receipt.upToSeq}`);

describe('what a send has read', () => {
  it('is what others said before it', () => {
    expect(impliedReceipts([sent(5, 3)])).toEqual([
      {
        receipt: {
          conversationId: '1',
          userId: 'alice',
          kind: 'read',
          upToSeq: 5,
          messageId: '105',
          at: '2026-01-20T10:00:00.000Z',
        },
        participantCount: 2,
      },
    ]);
  });

  it('is nothing after everything was read', () => {
    expect(told(sent(4, 3), sent(5, 3), sent(6, 3))).toEqual([]);
  });

  it('is what others said between two messages of one batch', () => {
    expect(told(sent(4, 3), sent(5, 0, { sender: 'bob' }), sent(6, 3))).toEqual(['bob 5', 'alice 6']);
  });

  it('is nothing where the schedule sends', () => {
    expect(told(sent(9, 0, { isScheduled: true }))).toEqual([]);
  });
});
