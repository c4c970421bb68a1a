import type { ByteRange } from '../storage/file.storage';

/** What a `Range` header asks of a file; `unsatisfiable` where the file has nothing there. */
export type RangeAnswer = ByteRange | 'whole' | 'unsatisfiable';

/**
 * Reads a `Range` header (RFC 9110). One range is answered; several, other units and what cannot be read are answered with
 * the whole file, as the standard allows.
 *
 * @param size of the file, in bytes.
 */
export function parseRange(header: string | undefined, size: number): RangeAnswer {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first !== '') return between(Number(first), last === '' ? Infinity : Number(last), size);
  return last === '' ? 'whole' : lastBytes(Number(last), size);
}

function between(start: number, last: number, size: number): RangeAnswer {
  if (last < start) return 'whole';
  return start < size ? { start, end: Math.min(last, size - 1) } : 'unsatisfiable';
}

function lastBytes(count: number, size: number): RangeAnswer {
  if (count === 0 || size === 0) return 'unsatisfiable';
  return { start: Math.max(0, size - count), end: size - 1 };
}
