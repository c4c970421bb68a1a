import { AppError } from '@parley/errors';
import type { z } from 'zod';

/** Where a page of a list ended, as one opaque word. */
export function encodePlace(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws AppError `validation_failed` for anything that {@link encodePlace} did not make of a place that fits `schema`. */
export function decodePlace<Place extends z.ZodType<readonly unknown[]>>(
  schema: Place,
  cursor: string,
): z.infer<Place> {
  const place = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (place.success && encodePlace(place.data) === cursor) return place.data;
  throw new AppError('validation_failed', { issues: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
