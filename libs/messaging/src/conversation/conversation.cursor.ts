import { ConversationId } from '@parley/contracts';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';

/** Where a page of a list ended: newest activity first, then the higher id. */
export interface ListPlace {
  readonly lastMessageAt: string;
  readonly id: ConversationId;
}

/** PostgreSQL knows no year 0. */
const LastMessageAt = z.iso.datetime({ precision: 3 }).refine((time) => !time.startsWith('0000'));
const Place = z.tuple([LastMessageAt, ConversationId]);

/** Opaque to clients. */
export function encodeCursor({ lastMessageAt, id }: ListPlace): string {
  return encodePlace([lastMessageAt, id]);
}

/** @throws AppError `validation_failed` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): ListPlace {
  const [lastMessageAt, id] = decodePlace(Place, cursor);
  return { lastMessageAt, id };
}
