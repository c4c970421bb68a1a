import type { HistoryPosition, MessageId } from '@parley/contracts';

/** Messages that one conversation tells of itself in one answer, at most. */
export const maxChanges = 200;

/** Which messages a page holds: those before or after a place, nearest first. */
export interface Span {
  readonly direction: 'before' | 'after';
  /** The place: this message, else this seq, else just behind the newest message; moved by `offset`. */
  readonly messageId: MessageId | null;
  readonly seq: number | null;
  readonly offset: number;
}

export function spanOf(position: HistoryPosition, limit: number): Span {
  switch (position.at) {
    case 'page':
      return { direction: 'before', messageId: null, seq: null, offset: -(position.page - 1) * limit };
    case 'before_seq':
      return { direction: 'before', messageId: null, seq: position.seq, offset: 0 };
    case 'after_seq':
      return { direction: 'after', messageId: null, seq: position.seq, offset: 0 };
    case 'before_message':
      return { direction: 'before', messageId: position.messageId, seq: null, offset: 0 };
    case 'around_message':
      return { direction: 'after', messageId: position.messageId, seq: null, offset: -Math.floor(limit / 2) - 1 };
  }
}
