import { AnswerBudget } from './answer.budget';

const ten = '12345678'; // with quotes

it('takes items until the answer is full', () => {
  expect(new AnswerBudget(33).takeFirst([ten, ten, ten, ten])).toHaveLength(3);
});

it('takes them from the end, in their order', () => {
  expect(new AnswerBudget(15).takeLast(['a', 'b', 'c', 'd', 'e'])).toEqual(['c', 'd', 'e']);
});

it('takes the first item whatever its size, and nothing after it', () => {
  const budget = new AnswerBudget(5);
  expect(budget.take(ten)).toBe(true);
  expect(budget.take('a')).toBe(false);
});

it('has room for the first item beside whatever accompanies it', () => {
  const budget = new AnswerBudget(5);
  expect(budget.takeBeside(ten)).toBe(true);
  expect(budget.take(ten)).toBe(true);
  expect(budget.takeBeside('a')).toBe(false);
});

it('counts bytes, not characters', () => {
  expect(new AnswerBudget(22).takeFirst(['👋👋', '👋👋', '👋👋'])).toHaveLength(2);
});
