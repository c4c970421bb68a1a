import { z } from 'zod';

const booleans = new Map([
  ['true', true],
  ['1', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['off', false],
]);

/** `true`, `1`, `on` or `false`, `0`, `off`, in any case. */
export const flag = z
  .string()
  .toLowerCase()
  .refine((text) => booleans.has(text), 'must be true, false, 1, 0, on or off')
  .transform((text) => booleans.get(text) === true);

/** A whole number from `min` to `max`, in decimal. */
export function integer(min: number, max: number) {
  return z
    .string()
    .refine((text) => /^-?\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);
}

/** A URL of one of these schemes (`['http', 'https']`). */
export function url(schemes: readonly string[]) {
  return z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
}

/** One or more URLs of one of these schemes, separated by commas. */
export function urls(schemes: readonly string[]) {
  const one = url(schemes);
  return z.string().refine((text) => text.split(',').every((part) => one.safeParse(part.trim()).success), {
    message: `must be one or more URLs, separated by commas, that start with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
}

/** Words separated by commas; blanks around them and empty ones are dropped. */
export const list = z.string().transform((text): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

export const anyText = z.string();
