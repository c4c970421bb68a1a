import { ConversationId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { z } from 'zod';

/** Where a page of a list ended: newest activity first, then the higher id. */
export interface ListPlace {
  readonly lastMessageAt: string;
  readonly id: ConversationId;
}

const Place = z.tuple([z.iso.datetime({ precision: 3 }), ConversationId]);

/** Opaque to clients. */
export function encodeCursor({ lastMessageAt, id }: ListPlace): string {
  return Buffer.from(JSON.stringify([lastMessageAt, id])).toString('base64url');
}

/** @throws AppError `validation_failed` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): ListPlace {
  const place = Place.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (place.success) {
    const [lastMessageAt, id] = place.data;
    if (encodeCursor({ lastMessageAt, id }) === cursor) return { lastMessageAt, id };
  }
  throw new AppError('validation_failed', { issues: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
