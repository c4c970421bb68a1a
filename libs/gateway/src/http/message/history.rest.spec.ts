import type { MessageView } from '@parley/contracts';
import type { Problem } from '@parley/errors';
import { RestScene } from '../testing/rest.scene';

interface MessagePage {
  readonly messages: readonly MessageView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly page: number;
  readonly limit: number;
}

describe('the history of a conversation over REST', () => {
  let rest: RestScene;

  beforeAll(async () => {
    rest = await RestScene.start();
  });
  afterAll(() => rest.stop());

  const seqs = (page: MessagePage) => page.messages.map(({ seq }) => seq);
  const read = async (query: string) => {
    const answer = await rest.alice.get<MessagePage>(`/api/conversations/1/messages?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };

  beforeAll(() => rest.messaging.fill(7));

  it.each([
    ['', [7, 6, 5, 4, 3, 2, 1]],
    ['page=1&limit=3', [7, 6, 5]],
    ['page=2&limit=3', [4, 3, 2]],
    ['before_seq=4&limit=2', [3, 2]],
    ['after_seq=4', [5, 6, 7]],
    ['after_seq=0&limit=2', [1, 2]],
    ['before_message_id=103', [2, 1]],
    ['around_message_id=103&limit=3', [2, 3, 4]],
    ['before_seq=4&page=1', [3, 2, 1]],
  ])('?%s has %j', async (query, expected) => {
    expect(seqs(await read(query))).toEqual(expected);
  });

  it('takes a parameter that it does not know for none, as it does fields of bodies', async () => {
    expect(seqs(await read('before=4&limit=3&_=1768903200'))).toEqual([7, 6, 5]);
  });

  it.each([
    ['limit=3', [4, 3, 2]],
    ['page=2&limit=3', [1]],
    ['before_seq=7&limit=3', [3, 2, 1]],
    ['before_message_id=107&limit=3', [3, 2, 1]],
    ['after_seq=1&limit=3', [5, 6, 7]],
    ['around_message_id=102&limit=3', [4, 5, 6]],
  ])('?%s goes on with %j, whatever page it says, and also where the position is repeated', async (query, expected) => {
    const first = await read(query);
    expect(first.has_more).toBe(true);
    expect(seqs(await read(`limit=3&page=1&cursor=${String(first.next_cursor)}`))).toEqual(expected);
    expect(seqs(await read(`${query}&cursor=${String(first.next_cursor)}`))).toEqual(expected);
  });

  it('ends with no cursor', async () => {
    await expect(read('limit=100')).resolves.toMatchObject({
      has_more: false,
      next_cursor: null,
      limit: 100,
      page: 1,
    });
  });

  it.each([
    ['before_seq=4&after_seq=2', ''],
    ['before_message_id=103&around_message_id=103', ''],
    ['cursor=forged', 'cursor'],
    ['cursor=YWZ0ZXI6MS4w', 'cursor'],
    ['cursor=', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['page=0', 'page'],
    ['page=-1', 'page'],
    ['before_seq=-1', 'before_seq'],
    ['before_seq=1.5', 'before_seq'],
    ['after_seq=9007199254740993', 'after_seq'],
    ['after_seq=', 'after_seq'],
  ])('refuses ?%s', async (query, path) => {
    const { status, body } = await rest.alice.get<Problem>(`/api/conversations/1/messages?${query}`);
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  });

  it.each(['before_message_id=999', 'around_message_id=msg-123'])('knows no message for ?%s', async (query) => {
    const { status, body } = await rest.alice.get<Problem>(`/api/conversations/1/messages?${query}`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'message_not_found', detail: 'Message not found' });
  });
});
