import { text } from '@parley/contracts';
import { z } from 'zod';

/** A whole number as a query writes it. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine((digits) => /^\d{1,16}$/.test(digits) && Number(digits) >= min && Number(digits) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** Yes or no as a query writes it. */
export const flag = z
  .string()
  .refine((word) => ['true', 'false', '1', '0'].includes(word), { message: 'must be true or false' })
  .transform((word) => word === 'true' || word === '1')
  .meta({ type: 'boolean' });

/** What is searched for; nothing is what is not given. */
export const SearchText = text(0, 255).transform((words) => (words === '' ? undefined : words));

/** Far beyond what anybody turns to page by page: `cursor` goes as deep as there is something. */
const maxPage = 1_000_000;

/** Which part of a list is asked for. `cursor` wins over `page`. */
export const PageQuery = z.object({
  page: wholeNumber(1, maxPage).default(1).meta({ description: 'Counts from 1, the default.' }),
  limit: wholeNumber(1, 100).default(50).meta({ description: 'How many items a page has; 50 by default.' }),
  cursor: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: 'The `next_cursor` of the page before; the way to read all of a list. Wins over `page`.' }),
});

export type PageQuery = z.infer<typeof PageQuery>;

export interface PageOfRpc {
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** What a list says beside its items. */
export function toPage({ page, limit }: PageQuery, { hasMore, nextCursor }: PageOfRpc) {
  return { has_more: hasMore, next_cursor: nextCursor, page, limit };
}

/** How all lists are answered: the items under their own name, and how to go on. */
export function listOf<Name extends string, Item extends z.ZodType>(name: Name, item: Item) {
  return z.object({
    [name]: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    page: z.number().int(),
    limit: z.number().int(),
  });
}
