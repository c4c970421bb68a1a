import { ConversationId, UserId } from '@parley/contracts';
import { TypingBoard } from './typing.board';

const conversationId = ConversationId.parse('1');
const [alice, bob] = [UserId.parse('alice'), UserId.parse('bob')];

describe('TypingBoard', () => {
  let now: number;
  let board: TypingBoard;
  let shown: string[];
  beforeEach(() => {
    now = 0;
    board = new TypingBoard(5_000, () => now);
    shown = [];
    board.on('started', ({ userId }) => shown.push(`${userId} types`));
    board.on('stopped', ({ userId }) => shown.push(`${userId} stopped`));
  });

  const hear = (userId: UserId, isTyping = true) =>
    board.hear({ v: 1, conversationId, userId, userName: userId, isTyping });

  it('shows that somebody types, and that it stopped', () => {
    hear(alice);
    expect([...board.of(alice)]).toEqual([conversationId]);
    hear(alice, false);
    hear(alice, false);
    expect([...board.of(alice)]).toEqual([]);
    expect(shown).toEqual(['alice types', 'alice stopped']);
  });

  it('lets typing end by itself, unless a further sign comes', () => {
    hear(alice);
    hear(bob);
    now = 4_000;
    hear(alice);
    now = 5_000;
    board.sweep();
    expect(board.isTyping(alice, conversationId)).toBe(true);
    expect(board.isTyping(bob, conversationId)).toBe(false);
    now = 9_000;
    board.sweep();
    expect(shown).toEqual(['alice types', 'bob types', 'alice types', 'bob stopped', 'alice stopped']);
  });

  it('shows one who goes on again, but not each sign of it', () => {
    for (now = 0; now < 4_000; now += 500) hear(alice);
    expect(shown).toEqual(['alice types', 'alice types']);
  });

  it('tells the name and the status with the end, though the end says neither', () => {
    const stopped: unknown[] = [];
    board.on('stopped', (typing) => stopped.push(typing));
    board.hear({ v: 1, conversationId, userId: alice, userName: 'Alice', isTyping: true, status: 'busy' });
    hear(alice, false);
    expect(stopped).toEqual([expect.objectContaining({ userName: 'Alice', status: 'busy' })]);
  });

  it('knows each conversation by itself', () => {
    const other = ConversationId.parse('2');
    hear(alice);
    board.hear({ v: 1, conversationId: other, userId: alice, userName: 'Alice', isTyping: true });
    board.stop(alice, conversationId);
    expect([...board.of(alice)]).toEqual([other]);
  });
});
