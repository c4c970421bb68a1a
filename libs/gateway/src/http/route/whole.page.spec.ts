import type { PageQuery } from './page.query';
import { wholePage } from './whole.page';

const items = Array.from({ length: 10 }, (_, index) => index + 1);

/** Answers at most three items, however many are asked for. */
class List {
  readonly asked: PageQuery[] = [];

  readonly ask = (part: PageQuery) => {
    this.asked.push(part);
    const from = part.cursor === undefined ? (part.page - 1) * part.limit : Number(part.cursor);
    const to = from + Math.min(part.limit, 3);
    const hasMore = to < items.length;
    return Promise.resolve({ items: items.slice(from, to), hasMore, nextCursor: hasMore ? String(to) : null });
  };
}

describe('wholePage', () => {
  it('fills a page that was asked for by its number, and goes on behind it', async () => {
    const list = new List();
    await expect(wholePage({ page: 1, limit: 7 }, 'items', list.ask)).resolves.toEqual({
      items: [1, 2, 3, 4, 5, 6, 7],
      hasMore: true,
      nextCursor: '7',
    });
    expect(list.asked.map(({ limit }) => limit)).toEqual([7, 4, 1]);
  });

  it('ends where the list does', async () => {
    const list = new List();
    await expect(wholePage({ page: 2, limit: 7 }, 'items', list.ask)).resolves.toEqual({
      items: [8, 9, 10],
      hasMore: false,
      nextCursor: null,
    });
    expect(list.asked).toHaveLength(1);
  });

  it('leaves a page that was asked for by cursor as it comes', async () => {
    const list = new List();
    const answer = await wholePage({ page: 1, limit: 7, cursor: '2' }, 'items', list.ask);
    expect(answer).toEqual({ items: [3, 4, 5], hasMore: true, nextCursor: '5' });
    expect(list.asked).toHaveLength(1);
  });
});
