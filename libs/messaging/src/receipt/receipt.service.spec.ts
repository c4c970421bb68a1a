import { ConversationId, MessageId, type ReceiptKind, UserId } from '@parley/contracts';
import type { Receipt } from './receipt';
import type { ReceiptDigest } from './receipt.digest';
import type { ReceiptLog } from './receipt.log';
import type { ReceiptReader } from './receipt.reader';
import { ReceiptRecorder } from './receipt.recorder';
import type { MarkedRow, ReceiptRepository } from './receipt.repository';
import { ReceiptService } from './receipt.service';

const conversationId = ConversationId.parse('1');
const userId = UserId.parse('bob');
const messageId = MessageId.parse('7');
const at = '2026-01-20T10:00:00.000Z';
const receipt: Receipt = { conversationId, userId, kind: 'read', upToSeq: 3, messageId, at };

describe('who is told of a cursor that moved', () => {
  let told: Receipt[];
  let digest: ReceiptDigest;

  beforeEach(() => {
    told = [];
    digest = { moved: (each: Receipt) => told.push(each) } as unknown as ReceiptDigest;
  });

  async function mark(kind: ReceiptKind, participantCount: number, moved: Partial<MarkedRow> = {}): Promise<void> {
    const row: MarkedRow = {
      conversation_id: conversationId,
      participant_count: participantCount,
      is_participant: true,
      moved_to: '3',
      at,
      message_id: messageId,
      ...moved,
    };
    const repository = { mark: () => Promise.resolve(row) } as unknown as ReceiptRepository;
    const reader = { getStanding: () => Promise.resolve({}) } as unknown as ReceiptReader;
    const service = new ReceiptService(repository, reader, digest);
    await service.mark({ userId, kind, upTo: { by: 'everything', conversationId } });
  }

  it.each(['read', 'delivered'] as const)(
    'is everybody in a conversation of a hundred, where it was %s',
    async (kind) => {
      await mark(kind, 100);
      expect(told).toEqual([{ ...receipt, kind }]);
    },
  );

  it('is the reader alone in a larger one', async () => {
    await mark('read', 101);
    expect(told).toEqual([{ ...receipt, isOwn: true }]);
  });

  it('is nobody in a larger one where something was delivered', async () => {
    await mark('delivered', 101);
    expect(told).toEqual([]);
  });

  it('is nobody where it stood there already', async () => {
    await mark('read', 2, { moved_to: null, at: null, message_id: null });
    expect(told).toEqual([]);
  });

  it.each([
    [100, receipt],
    [101, { ...receipt, isOwn: true }],
  ])('is the same for a send among %i', (participantCount, expected) => {
    const log = { append: () => undefined } as unknown as ReceiptLog;
    new ReceiptRecorder(log, digest).record(receipt, participantCount);
    expect(told).toEqual([expected]);
  });
});
