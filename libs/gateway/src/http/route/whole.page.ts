import type { PageOfRpc, PageQuery } from './page.query';

/**
 * Asks for a page of a list until it is whole. A service's answer ends early where it would grow too large. Who goes on with its
 * cursor misses nothing; who turns pages by their number expects each to be full, and what did not fit would be on none.
 *
 * @param items the field of the answers that holds the items.
 * @param ask for what is left of the page, by cursor.
 */
export async function wholePage<Query extends PageQuery, Items extends string, Answer extends PageOf<Items>>(
  query: Query,
  items: Items,
  ask: (part: Query) => Promise<Answer>,
): Promise<Answer> {
  let answer = await ask(query);
  if (query.cursor !== undefined) return answer;
  const whole = [...answer[items]];
  for (
    let left = query.limit - whole.length;
    left > 0 && answer.nextCursor !== null;
    left = query.limit - whole.length
  ) {
    answer = await ask({ ...query, limit: left, cursor: answer.nextCursor });
    whole.push(...answer[items]);
  }
  return { ...answer, [items]: whole };
}

type PageOf<Items extends string> = PageOfRpc & Readonly<Record<Items, readonly unknown[]>>;
