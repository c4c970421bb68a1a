import type { ConversationId } from '@parley/contracts';
import { compareHeads, isDescribedAnew, type Standing } from './sync.policy';

const at = (id: string, seq: number, rev: number, detailsRev = 1): Standing => ({
  id: id as ConversationId,
  head: { seq, rev },
  detailsRev,
  isHidden: false,
});
const ids = (standings: readonly { readonly id: string }[]) => standings.map(({ id }) => id);

it('finds what moved, what is new and what is gone', () => {
  const found = compareHeads({ 1: { seq: 5, rev: 6 }, 2: { seq: 5, rev: 6 }, 9: { seq: 1, rev: 2 }, nonsense: 3 }, [
    at('1', 5, 6),
    at('2', 7, 8),
    at('3', 1, 2),
  ]);
  expect(ids(found.moved)).toEqual(['2']);
  expect(ids(found.fresh)).toEqual(['3']);
  expect(found.gone).toEqual(['9', 'nonsense']);
  expect(ids(found.known)).toEqual(['1', '2']);
  expect(found.ahead).toEqual([]);
});

it('does not bring back what the user has hidden', () => {
  const hidden = { ...at('1', 5, 6), isHidden: true };
  expect(compareHeads({}, [hidden]).fresh).toEqual([]);
  expect(ids(compareHeads({ 1: 5 }, [hidden]).known)).toEqual(['1']);
});

it('takes a bare number for a seq, for which only new messages count', () => {
  expect(ids(compareHeads({ 1: 5 }, [at('1', 5, 9)]).moved)).toEqual([]);
  expect(ids(compareHeads({ 1: 4 }, [at('1', 5, 9)]).moved)).toEqual(['1']);
});

it('notices changes without new messages', () => {
  const { moved } = compareHeads({ 1: { seq: 5, rev: 6 } }, [at('1', 5, 7)]);
  expect(ids(moved)).toEqual(['1']);
});

it('notices other settings and participants, for clients that gave a rev', () => {
  const standings = [at('1', 7, 9, 8), at('2', 7, 9, 6), at('3', 7, 9, 8)];
  const { moved } = compareHeads({ 1: { seq: 5, rev: 6 }, 2: { seq: 5, rev: 6 }, 3: 5 }, standings);
  expect(ids(moved.filter(isDescribedAnew))).toEqual(['1']);
});

it.each([{ seq: 6, rev: 6 }, { seq: 5, rev: 7 }, { seq: 1, rev: 99 }, 6])(
  'takes %j for a head of another database',
  (head) => {
    const found = compareHeads({ 1: head }, [at('1', 5, 6)]);
    expect(ids(found.ahead)).toEqual(['1']);
    expect(found.moved).toEqual([]);
  },
);
