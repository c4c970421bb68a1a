import { EventBus } from '@parley/bus';
import type { ChatEvent, ConversationId, MessageId, PayloadOf, ReceiptsMoved, UserId } from '@parley/contracts';
import type { Receipt } from './receipt';
import { ReceiptDigest } from './receipt.digest';

class RecordingBus extends EventBus {
  readonly told: Receipt[][] = [];

  override broadcast<E extends ChatEvent<'live'>>(_event: E, payload: PayloadOf<E>): void {
    this.told.push((payload as PayloadOf<typeof ReceiptsMoved>).receipts);
  }

  override publish(): Promise<void> {
    return Promise.resolve();
  }

  override subscribe(): Promise<never> {
    return Promise.reject(new Error('nobody subscribes here'));
  }

  override consume(): Promise<never> {
    return Promise.reject(new Error('nobody consumes here'));
  }

  override onDisruption(): void {}
}

const receipt = (upToSeq: number, userId = 'bob'): Receipt => ({
  conversationId: '1' as ConversationId,
  userId: userId as UserId,
  kind: 'read',
  upToSeq,
  messageId: String(100 + upToSeq) as MessageId,
  at: '2026-01-20T10:00:00.000Z',
});

describe('ReceiptDigest', () => {
  let bus: RecordingBus;
  let digest: ReceiptDigest;

  beforeEach(() => {
    jest.useFakeTimers();
    bus = new RecordingBus();
    digest = new ReceiptDigest(bus);
  });
  afterEach(() => {
    digest.stop();
    jest.useRealTimers();
  });

  it('tells a first receipt at once', () => {
    digest.moved(receipt(1));
    jest.advanceTimersByTime(1);
    expect(bus.told).toEqual([[receipt(1)]]);
  });

  it('tells a cursor that moves on once a second, where it stands last', () => {
    digest.moved(receipt(1));
    jest.advanceTimersByTime(1);
    for (let seq = 2; seq <= 9; seq++) digest.moved(receipt(seq));
    digest.moved(receipt(4, 'carol'));
    jest.advanceTimersByTime(1_000);
    expect(bus.told).toEqual([[receipt(1)], [receipt(9), receipt(4, 'carol')]]);
  });

  it('tells what is left when it stops', () => {
    digest.moved(receipt(1));
    digest.stop();
    expect(bus.told).toEqual([[receipt(1)]]);
  });
});
