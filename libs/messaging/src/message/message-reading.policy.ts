import type { MessageId, Seq } from '@parley/contracts';
import type { Receipt } from '../receipt/receipt';
import type { MessageDraft } from './message.draft';

/** A message that was stored, and how its sender and conversation stood before its batch. */
export interface SentMessage {
  readonly draft: MessageDraft;
  readonly id: string;
  readonly seq: Seq;
  readonly createdAt: string;
  readonly senderReadSeq: Seq;
  readonly participantCount: number;
}

/** What a send has read, for as many as are told of it. */
export interface ImpliedReceipt {
  readonly receipt: Receipt;
  readonly participantCount: number;
}

/**
 * Who sends has read what came before: the receipts of those messages that took their sender's cursor over others'.
 *
 * @param sent the messages of one batch, those of a conversation in the order of their seq.
 */
export function impliedReceipts(sent: readonly SentMessage[]): ImpliedReceipt[] {
  /** How far each sender has read, as the batch goes on. */
  const readSeqs = new Map<string, Seq>();
  const receipts: ImpliedReceipt[] = [];
  for (const { draft, id, seq, createdAt, senderReadSeq, participantCount } of sent) {
    const { conversationId, senderId, isScheduled } = draft;
    if (isScheduled) continue;
    const sender = `${conversationId}\0${senderId}`;
    const readSeq = readSeqs.get(sender) ?? senderReadSeq;
    readSeqs.set(sender, seq);
    if (readSeq >= seq - 1) continue;
    const messageId = id as MessageId;
    const receipt = { conversationId, userId: senderId, kind: 'read', upToSeq: seq, messageId, at: createdAt } as const;
    receipts.push({ receipt, participantCount });
  }
  return receipts;
}
