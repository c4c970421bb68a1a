import { Seq } from '@parley/contracts';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';

/** Where a page of pinned messages ended: latest pin first, then the newer message. */
export interface PinPlace {
  readonly pinnedAt: string;
  readonly seq: number;
}

/** PostgreSQL knows no year 0. */
const PinnedAt = z.iso.datetime({ precision: 3 }).refine((time) => !time.startsWith('0000'));
const Place = z.tuple([PinnedAt, Seq]);

/** Opaque to clients. */
export function encodeCursor({ pinnedAt, seq }: PinPlace): string {
  return encodePlace([pinnedAt, seq]);
}

/** @throws AppError `validation_failed` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): PinPlace {
  const [pinnedAt, seq] = decodePlace(Place, cursor);
  return { pinnedAt, seq };
}
