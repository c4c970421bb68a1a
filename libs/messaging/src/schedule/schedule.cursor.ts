import { ScheduledId } from '@parley/contracts';
import { z } from 'zod';
import { decodePlace, encodePlace } from '../answer/answer.cursor';

/** Where a page of scheduled messages ended: next due first, then the lower id. */
export interface SchedulePlace {
  readonly sendAt: string;
  readonly id: string;
}

/** PostgreSQL knows no year 0. */
const SendAt = z.iso.datetime({ precision: 3 }).refine((time) => !time.startsWith('0000'));
const Place = z.tuple([SendAt, ScheduledId]);

/** Opaque to clients. */
export function encodeCursor({ sendAt, id }: SchedulePlace): string {
  return encodePlace([sendAt, id]);
}

/** @throws AppError `validation_failed` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string): SchedulePlace {
  const [sendAt, id] = decodePlace(Place, cursor);
  return { sendAt, id };
}
