import { Gathering } from './gathering';

describe('what is gathered', () => {
  let gathering: Gathering<object>;
  const [first, second, other] = [{}, {}, {}];

  beforeEach(() => {
    gathering = new Gathering();
    gathering.set('a', first);
    gathering.set('b', other);
  });

  const found = () => ['a', 'b', 'c'].map((destination) => gathering.get(destination));

  it('is found by where it goes', () => expect(found()).toEqual([first, other, undefined]));

  it('is what was put there last', () => {
    gathering.set('a', second);
    expect(gathering.get('a')).toBe(second);
    expect(gathering.get('b')).toBe(other);
  });

  it('is gone when it has left, unless something else is there', () => {
    gathering.set('b', second);
    gathering.delete('b', other);
    expect(gathering.get('b')).toBe(second);
    gathering.delete('a', first);
    gathering.delete('a', first);
    gathering.delete('c', first);
    expect(found()).toEqual([undefined, second, undefined]);
  });
});
