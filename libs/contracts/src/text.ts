import { z } from 'zod';

// PostgreSQL's text refuses NUL, and a lone surrogate is no character in UTF-8: neither could be given back as it was sent.
const unstorable = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Length in characters as people and PostgreSQL count them: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdbff) count++;
    else if (i + 1 < text.length) {
      count++;
      i++;
    } else count++;
  }
  return count;
}

/** Text of `min` to `max` characters that can be stored and returned exactly as sent. */
export function text(min: number, max: number) {
  return z
    .string()
    .refine((value) => value.length >= min && (value.length <= max || countCharacters(value) <= max), {
      message: min > 0 ? `must have ${min} to ${max} characters` : `must have at most ${max} characters`,
    })
    .refine((value) => !unstorable.test(value), { message: 'must not contain NUL or lone surrogates' })
    .meta({ ...(min > 0 ? { minLength: min } : {}), maxLength: max });
}

const maxMetadataBytes = 16 * 1024;
/** Far deeper than data of people's own, and far from where walking through it would overflow a stack. */
const maxMetadataDepth = 64;
const utf8 = new TextEncoder();

/** A client's own JSON object, at most 16 KiB as JSON and 64 levels deep; kept and returned as sent. */
export const Metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => isAtMostDeep(value, maxMetadataDepth), {
    message: `must be nested at most ${maxMetadataDepth} levels deep`,
    abort: true,
  })
  .refine(holdsFiniteNumbers, { message: 'must not contain numbers beyond the range of doubles', abort: true })
  .refine((value) => utf8.encode(JSON.stringify(value)).length <= maxMetadataBytes, {
    message: 'must be at most 16 KiB as JSON',
  })
  .refine((value) => !unstorable.test(unescapeJson(JSON.stringify(value))), {
    message: 'must not contain NUL or lone surrogates',
  });
export type Metadata = z.infer<typeof Metadata>;

function isAtMostDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isAtMostDeep(item, levels - 1));
}

/** `1e400` is read as Infinity, which JSON cannot give back. */
function holdsFiniteNumbers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value);
  return Object.values(value).every(holdsFiniteNumbers);
}

/** JSON.stringify escapes exactly what is looked for here (`\u0000`, lone surrogates): turn those escapes back. */
function unescapeJson(json: string): string {
  return json.replace(
    /\\(\\|u(0000|[dD][89abAB][0-9a-fA-F]{2}|[dD][c-fC-F][0-9a-fA-F]{2}))/g,
    (whole, escaped: string, hex?: string) =>
      escaped === '\\' || hex === undefined ? whole : String.fromCharCode(parseInt(hex, 16)),
  );
}

/** A link to a picture: http or https, at most 2048 characters. */
export const PictureUrl = text(1, 2048).refine((value) => /^https?:\/\/[^\s]+$/i.test(value), {
  message: 'must be an http or https URL',
});

/** UTC time with milliseconds, as PostgreSQL keeps it: `2026-01-20T10:00:00.000Z`. */
export const Timestamp = z.string().meta({ format: 'date-time', example: '2026-01-20T10:00:00.000Z' });
