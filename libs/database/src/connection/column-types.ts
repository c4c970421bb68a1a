import pg from 'pg';

const timestamptz: number = pg.types.builtins.TIMESTAMPTZ;
const int8: number = pg.types.builtins.INT8;

/** What PostgreSQL writes for a time when the session's zone is UTC: `2026-01-20 10:00:00.12+00`. */
const utcText = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?\+00$/;

/**
 * A timestamptz as clients see it, `2026-01-20T10:00:00.000Z`: nobody computes with it on its way from a row to a frame,
 * so no Date is made. Digits below the millisecond are dropped.
 */
export function parseTimestamp(text: string): string {
  if (!utcText.test(text)) return parseForeignTimestamp(text);
  const fraction = text.charAt(19) === '.' ? text.slice(20, -3) : '';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}

/** Other zones, years beyond four digits, and `infinity`, which stays as it is. */
function parseForeignTimestamp(text: string): string {
  const time = new Date(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00'));
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

type Parse = (text: string) => unknown;

/** There are several in each row of a batch, and the library looks at each digit only to leave it as it is. */
const asItIs: Parse = (text) => text;

function getTypeParser(oid: number, format: 'text' | 'binary' = 'text'): Parse {
  if (format === 'text' && oid === timestamptz) return parseTimestamp;
  if (format === 'text' && oid === int8) return asItIs;
  return pg.types.getTypeParser(oid, format) as Parse;
}

/** How columns become values: int8 a decimal string (a number would round), timestamptz an ISO string, json parsed. */
export const columnTypes: pg.CustomTypesConfig = { getTypeParser };
