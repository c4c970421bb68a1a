import type { MessageView, ViewedConversation } from '@parley/contracts';
import type { Deployment } from '@parley/testing';
import { ChatScene, type MessagePage, type Person } from './chat.scene';

const total = 25;
const seqs = ({ messages }: MessagePage): number[] => messages.map(({ seq }) => seq);

/** Whole numbers from one to another, in either direction. */
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + Math.sign(to - from) * index);

export function historySuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let alice: Person;
  let bob: Person;
  let conversation: ViewedConversation;
  let sent: MessageView[];

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    [alice, bob] = await scene.pair();
    conversation = await alice.openGroup([bob]);
    const device = await alice.online('socket.io');
    const contents = range(1, total).map((number) => `word ${number}`);
    sent = await Promise.all(contents.map((content) => device.send(conversation.id, { content })));
  });
  afterAll(() => scene.end());

  const read = async (query: string, id: string = conversation.id): Promise<MessagePage> => {
    const { status, body } = await bob.rest(1).get<MessagePage>(`/api/conversations/${id}/messages${query}`);
    expect(status).toBe(200);
    return body;
  };
  const idAt = (seq: number): string => sent[seq - 1]?.id ?? '';

  /** Follows `next_cursor` to the end. */
  const walk = async (query: string, id?: string): Promise<number[]> => {
    const found: number[] = [];
    let next = query;
    for (;;) {
      const page = await read(next, id);
      found.push(...seqs(page));
      expect(page.has_more).toBe(page.next_cursor !== null);
      if (page.next_cursor === null) return found;
      const { searchParams } = new URL(query, 'http://localhost');
      next = `?limit=${searchParams.get('limit') ?? 50}&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  };

  it('comes newest first, page by page', async () => {
    expect(seqs(await read(''))).toEqual(range(total, 1));
    expect(await read('?page=1&limit=10')).toMatchObject({ page: 1, limit: 10, has_more: true });
    expect(seqs(await read('?page=1&limit=10'))).toEqual(range(25, 16));
    expect(seqs(await read('?page=2&limit=10'))).toEqual(range(15, 6));
    const last = await read('?page=3&limit=10');
    expect(seqs(last)).toEqual(range(5, 1));
    expect(last).toMatchObject({ has_more: false, next_cursor: null });
    expect(seqs(await read('?page=4&limit=10'))).toEqual([]);
  });

  it('has full pages also where the messages are larger than one answer between processes may be', async () => {
    const { id } = await alice.openGroup([bob]);
    const device = await alice.online('socket.io');
    const contents = range(1, 60).map(() => '🦜'.repeat(5_000));
    await Promise.all(contents.map((content) => device.send(id, { content })));
    expect(seqs(await read('?page=1&limit=50', id))).toEqual(range(60, 11));
    expect(seqs(await read('?page=2&limit=50', id))).toEqual(range(10, 1));
    expect(await walk('?limit=50', id)).toEqual(range(60, 1));
  });

  it('holds each message as its sender was answered', async () => {
    const { messages } = await read('');
    expect(messages).toEqual([...sent].reverse());
  });

  it('goes back from a seq, descending', async () => {
    expect(seqs(await read('?before_seq=10&limit=4'))).toEqual([9, 8, 7, 6]);
    expect(seqs(await read('?before_seq=1'))).toEqual([]);
    expect(seqs(await read('?before_seq=0'))).toEqual([]);
    expect(seqs(await read('?before_seq=1000&limit=2'))).toEqual([25, 24]);
  });

  it('goes on from a seq, ascending', async () => {
    expect(seqs(await read('?after_seq=10&limit=4'))).toEqual([11, 12, 13, 14]);
    expect(seqs(await read('?after_seq=0&limit=2'))).toEqual([1, 2]);
    expect(await read('?after_seq=25')).toMatchObject({ messages: [], has_more: false, next_cursor: null });
  });

  it('goes back from a message, descending', async () => {
    expect(seqs(await read(`?before_message_id=${idAt(10)}&limit=4`))).toEqual([9, 8, 7, 6]);
    expect(seqs(await read(`?before_message_id=${idAt(1)}`))).toEqual([]);
  });

  it('shows what is around a message, ascending, with it in the middle', async () => {
    expect(seqs(await read(`?around_message_id=${idAt(10)}&limit=5`))).toEqual([8, 9, 10, 11, 12]);
    expect(seqs(await read(`?around_message_id=${idAt(1)}&limit=5`))).toContain(1);
    expect(seqs(await read(`?around_message_id=${idAt(25)}&limit=5`))).toContain(25);
  });

  it.each([
    ['by default', '?limit=7', range(total, 1)],
    ['one by one', '?limit=1', range(total, 1)],
    ['from a page', '?page=2&limit=7', range(18, 1)],
    ['back from a seq', '?before_seq=20&limit=6', range(19, 1)],
    ['on from a seq', '?after_seq=3&limit=6', range(4, total)],
  ])('is walked by cursor %s, to the end and without repeats', async (_, query, wanted) => {
    expect(await walk(query)).toEqual(wanted);
  });

  it('is walked by cursor from a message on', async () => {
    expect(await walk(`?before_message_id=${idAt(12)}&limit=5`)).toEqual(range(11, 1));
    expect(await walk(`?around_message_id=${idAt(10)}&limit=5`)).toEqual(range(8, total));
  });

  it('ends a page early rather than answer more than a megabyte, and loses nothing by it', async () => {
    const group = await alice.openGroup([bob], 'long words');
    const device = await alice.online('plain');
    const content = '𝄞'.repeat(5_000);
    await Promise.all(range(1, 70).map(() => device.send(group.id, { content })));
    expect(await walk('?limit=100', group.id)).toEqual(range(70, 1));
    expect(await walk('?after_seq=0&limit=100', group.id)).toEqual(range(1, 70));
    const page = await read('?after_seq=0&limit=100', group.id);
    expect(page.messages.length).toBeLessThan(70);
    expect(page.messages[0]?.content).toBe(content);
  });

  it('is empty, not absent, where nobody spoke yet', async () => {
    const { id } = await alice.openGroup([bob], 'silence');
    expect(await read('', id)).toMatchObject({ messages: [], has_more: false, next_cursor: null });
  });

  it('is for participants alone', async () => {
    const [mallory] = await scene.people('mallory');
    const path = `/api/conversations/${conversation.id}/messages`;
    for (const query of ['', '?after_seq=0', `?around_message_id=${idAt(3)}`]) {
      await expect(mallory?.rest().get(path + query)).resolves.toMatchObject({
        status: 403,
        body: { code: 'not_a_participant' },
      });
    }
    await expect(mallory?.rest().post(path, { content: 'me too' })).resolves.toMatchObject({ status: 403 });
  });

  it('knows no message of another conversation', async () => {
    const other = await alice.openGroup([bob], 'other');
    const elsewhere = await alice.send(other.id, { content: 'elsewhere' });
    for (const position of ['around_message_id', 'before_message_id']) {
      for (const id of [elsewhere.id, '9007199254740993', 'abc', '0']) {
        const path = `/api/conversations/${conversation.id}/messages?${position}=${id}`;
        await expect(bob.rest().get(path)).resolves.toMatchObject({ status: 404, body: { code: 'message_not_found' } });
      }
    }
  });

  it.each([
    '?limit=0',
    '?limit=101',
    '?limit=many',
    '?page=0',
    '?before_seq=-1',
    '?after_seq=1.5',
    '?after_seq=99999999999999999999',
    '?cursor=nonsense',
    '?before_seq=3&after_seq=1',
  ])('refuses %s', async (query) => {
    const path = `/api/conversations/${conversation.id}/messages${query}`;
    await expect(bob.rest().get(path)).resolves.toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  });

  it.each(['9007199254740993', 'abc', '-1', '99999999999999999999'])(
    'answers 404 for conversation %s, which never was',
    async (id) => {
      for (const answer of [
        bob.rest().get(`/api/conversations/${id}/messages`),
        bob.rest().post(`/api/conversations/${id}/messages`, { content: 'hello?' }),
      ]) {
        await expect(answer).resolves.toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
      }
    },
  );
}
