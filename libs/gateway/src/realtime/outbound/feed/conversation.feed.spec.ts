import type { ConversationId, Head, UserId } from '@parley/contracts';
import { AppError } from '@parley/errors';
import type { Change } from './change';
import { type ChangePage, ConversationFeed } from './conversation.feed';

const change = (rev: number, seq?: number): Change => ({
  rev,
  event: 'new_message',
  frame: {},
  ...(seq === undefined ? {} : { seq }),
});
const messages = (from: number, to: number): Change[] =>
  Array.from({ length: to - from + 1 }, (_, index) => change(from + index, from + index));

describe('ConversationFeed', () => {
  let emitted: number[];
  let expelled: string[];
  let ended: number[];
  let fetched: Head[];
  let answer: (since: Head) => Promise<ChangePage>;
  let feed: ConversationFeed;

  beforeEach(() => {
    emitted = [];
    expelled = [];
    ended = [];
    fetched = [];
    answer = () => Promise.reject(new AppError('service_unavailable'));
    feed = new ConversationFeed('1' as ConversationId, {
      emit: ({ rev }) => void emitted.push(rev),
      expel: (userId, rev) => void expelled.push(`${userId} ${rev} after ${emitted.length}`),
      end: (rev) => void ended.push(rev),
      fetch: (since) => {
        fetched.push(since);
        return answer(since);
      },
    });
  });
  afterEach(() => feed.close());

  it('emits changes in rev order, each once, however they come', () => {
    feed.openAt({ seq: 0, rev: 0 });
    for (const rev of [1, 3, 2, 2, 1, 5, 3, 4]) feed.receive(change(rev));
    expect(emitted).toEqual([1, 2, 3, 4, 5]);
    expect(fetched).toEqual([]);
  });

  it('keeps what comes while it opens, and drops what its head covers', async () => {
    for (const rev of [7, 5, 6]) feed.receive(change(rev));
    feed.openAt({ seq: 3, rev: 5 });
    expect(emitted).toEqual([6, 7]);
    await expect(feed.opened).resolves.toBe('live');
  });

  it('fetches what does not come by itself, then goes on with what it held', async () => {
    answer = (since) =>
      Promise.resolve({ changes: messages(since.rev + 1, 4), head: { seq: 4, rev: 4 }, removed: [], hasMore: false });
    feed.openAt({ seq: 1, rev: 1 });
    feed.receive(change(5, 5));
    await feed.reached(5);
    expect(fetched).toEqual([{ seq: 1, rev: 1 }]);
    expect(emitted).toEqual([2, 3, 4, 5]);
    expect(feed.head).toEqual({ seq: 5, rev: 5 });
  });

  it('pages through a long gap and does not repeat what arrived meanwhile', async () => {
    answer = (since) => {
      const to = Math.min(since.rev + 2, 6);
      feed.receive(change(6, 6));
      return Promise.resolve({
        changes: messages(since.rev + 1, to),
        head: { seq: to, rev: to },
        removed: [],
        hasMore: to < 6,
      });
    };
    feed.openAt({ seq: 0, rev: 0 });
    feed.expect(6);
    await feed.reached(6);
    expect(emitted).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('asks again for as long as nobody answers, and emits nothing later before', async () => {
    let calls = 0;
    answer = () =>
      ++calls < 3
        ? Promise.reject(new AppError('service_unavailable'))
        : Promise.resolve({ changes: messages(1, 1), head: { seq: 1, rev: 1 }, removed: [], hasMore: false });
    feed.openAt({ seq: 0, rev: 0 });
    feed.receive(change(2, 2));
    expect(emitted).toEqual([]);
    await feed.reached(2);
    expect(calls).toBe(3);
    expect(emitted).toEqual([1, 2]);
  });

  it.each([
    ['is announced', () => feed.expect(1_500)],
    ['comes when no more can be held', () => messages(2, 1_500).forEach((early) => feed.receive(early))],
  ])('fetches again for what %s while it fetches', async (_, meanwhile) => {
    jest.useFakeTimers();
    try {
      answer = ({ rev }) => {
        const to = rev === 0 ? 1_100 : 1_500;
        if (rev === 0) meanwhile();
        const head = { seq: to, rev: to };
        return Promise.resolve({ changes: messages(rev + 1, to), head, removed: [], hasMore: false });
      };
      feed.openAt({ seq: 0, rev: 0 });
      feed.expect(1);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(fetched.map(({ rev }) => rev)).toEqual([0, 1_100]);
      expect(emitted).toEqual(messages(1, 1_500).map(({ rev }) => rev));
    } finally {
      jest.useRealTimers();
    }
  });

  it('waits no more for what was expected and is not there', async () => {
    jest.useFakeTimers();
    try {
      answer = () =>
        Promise.resolve({ changes: messages(1, 2), head: { seq: 2, rev: 2 }, removed: [], hasMore: false });
      feed.openAt({ seq: 0, rev: 0 });
      feed.expect(9);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(fetched).toHaveLength(1);
      feed.receive(change(3, 3));
      expect(emitted).toEqual([1, 2, 3]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('fetches nothing when what was expected comes by itself', async () => {
    jest.useFakeTimers();
    try {
      feed.openAt({ seq: 0, rev: 0 });
      feed.expect(2);
      feed.receive(change(1, 1));
      feed.receive(change(2, 2));
      await jest.advanceTimersByTimeAsync(60_000);
      expect(fetched).toEqual([]);
      feed.expect(3);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(fetched).not.toEqual([]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes over the head of changes that nobody is shown', async () => {
    answer = () => Promise.resolve({ changes: [], head: { seq: 0, rev: 3 }, removed: [], hasMore: false });
    feed.openAt({ seq: 0, rev: 0 });
    feed.receive(change(4, 1));
    await feed.reached(4);
    expect(emitted).toEqual([4]);
  });

  it('records what it emits from a moment on', () => {
    feed.openAt({ seq: 0, rev: 0 });
    feed.receive(change(1));
    const recording = feed.record();
    feed.receive(change(2));
    feed.receive(change(3));
    recording.stop();
    feed.receive(change(4));
    expect(recording.from.rev).toBe(1);
    expect(recording.changes.map(({ rev }) => rev)).toEqual([2, 3]);
  });

  it('closes where the conversation is gone, tells of it, and lets nobody wait for it', async () => {
    answer = () => Promise.reject(new AppError('conversation_not_found'));
    feed.openAt({ seq: 3, rev: 4 });
    await feed.reached(6);
    feed.receive(change(5));
    expect(emitted).toEqual([]);
    expect(ended).toEqual([5]);
  });

  it('takes out who was removed before it shows what may be younger than that', async () => {
    const removed = [{ userId: 'mallory' as UserId, rev: 9 }];
    answer = () => Promise.resolve({ changes: messages(1, 2), head: { seq: 2, rev: 2 }, removed, hasMore: false });
    feed.openAt({ seq: 0, rev: 0 });
    feed.expect(2);
    await feed.reached(2);
    expect(expelled).toEqual(['mallory 9 after 0']);
    expect(emitted).toEqual([1, 2]);
  });

  it('tells those who wait for its opening that it failed', async () => {
    feed.close('failed');
    await expect(feed.opened).resolves.toBe('failed');
  });
});
