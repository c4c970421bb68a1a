import { ConversationId, MessageId, type PayloadOf, type ReceiptsMoved, UserId } from '@parley/contracts';
import { ToldCursors } from './told.cursors';

type Receipt = PayloadOf<typeof ReceiptsMoved>['receipts'][number];

const bobReads = (upToSeq: number, fields: Partial<Receipt> = {}): Receipt => ({
  conversationId: ConversationId.parse('1'),
  userId: UserId.parse('bob'),
  kind: 'read',
  upToSeq,
  messageId: MessageId.parse('1'),
  at: '2026-01-20T10:00:00.000Z',
  ...fields,
});

describe('cursors that were told', () => {
  let time: number;
  let cursors: ToldCursors;
  const advance = (...receipts: Receipt[]) => receipts.map((receipt) => cursors.advance(receipt));

  beforeEach(() => {
    time = 1_000;
    cursors = new ToldCursors(() => time);
  });

  it('only rise, in whatever order their moves are heard', () => {
    expect(advance(bobReads(1), bobReads(17), bobReads(13), bobReads(17), bobReads(18))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('are those of each user, in each conversation, of each kind', () => {
    const others = [
      { userId: UserId.parse('carol') },
      { conversationId: ConversationId.parse('2') },
      { kind: 'delivered' as const },
    ];
    expect(advance(bobReads(9), ...others.map((other) => bobReads(4, other)))).toEqual([true, true, true, true]);
  });

  it('are forgotten after ten seconds', () => {
    advance(bobReads(9));
    time += 10_001;
    expect(advance(bobReads(4))).toEqual([true]);
  });
});
