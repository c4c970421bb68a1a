import { matcherOf } from './subject.pattern';

describe('matcherOf', () => {
  it.each([
    ['chat.>', 'chat.conversation.1.noted', true],
    ['chat.>', 'chat', false],
    ['chat.>', 'chats.conversation', false],
    ['>', 'live.blinked', true],
    ['chat.conversation.*.noted', 'chat.conversation.1.noted', true],
    ['chat.conversation.*.noted', 'chat.conversation.1.2.noted', false],
    ['chat.*.1.*', 'chat.user.1.renamed', true],
    ['live.blinked', 'live.blinked', true],
    ['live.blinked', 'live.blinked.twice', false],
    ['live.blinked', 'live', false],
  ])('%s and %s: %s', (pattern, subject, matches) => {
    expect(matcherOf(pattern)(subject)).toBe(matches);
  });
});
