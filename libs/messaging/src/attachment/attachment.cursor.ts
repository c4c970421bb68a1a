import { Seq } from '@parley/contracts';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';

/** Where a page of files ended: in which message, and which of its attachments. */
export interface AttachmentPlace {
  readonly seq: number;
  readonly position: number;
}

const Place = z.tuple([Seq, z.number().int().nonnegative().max(1_000)]);

/** Opaque to clients. */
export function encodeCursor({ seq, position }: AttachmentPlace): string {
  return encodePlace([seq, position]);
}

/** @throws AppError `validation_failed` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): AttachmentPlace {
  const [seq, position] = decodePlace(Place, cursor);
  return { seq, position };
}
