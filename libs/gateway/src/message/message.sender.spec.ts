import { type CallOptions, RpcClient } from '@parley/bus';
import {
  type MessageView,
  RawJson,
  type RequestOf,
  type ResponseOf,
  type Rpc,
  ScheduleMessage,
  type SendMessage,
  SendMessageBody,
  type UserId,
} from '@parley/contracts';
import { AppError, type ErrorCode } from '@parley/errors';
import { aMessage } from '@parley/testing';
import type { UserSession } from '../auth/user.session';
import { MessageSender } from './message.sender';

type SendRequest = RequestOf<typeof SendMessage>;

class FakeMessaging extends RpcClient {
  readonly sent: SendRequest[] = [];
  readonly options: CallOptions[] = [];
  /** How the next attempts fail; then they succeed. */
  failures: ErrorCode[] = [];

  /** What the message has become when its send is answered. */
  stored: Partial<MessageView> = {};
  /** Was it sent before? */
  duplicate = false;

  override call<R extends Rpc>(rpc: R, request: RequestOf<R>, options: CallOptions = {}): Promise<ResponseOf<R>> {
    const message = rpc.request.parse(request) as SendRequest;
    this.sent.push(message);
    this.options.push(options);
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(new AppError(failure));
    const { content } = message;
    if (rpc.subject === ScheduleMessage.subject) {
      return Promise.resolve({ scheduled: { content, status: 'scheduled' }, duplicate: false } as ResponseOf<R>);
    }
    const stored = RawJson.of(aMessage({ content, ...this.stored }));
    return Promise.resolve({ duplicate: this.duplicate, message: stored } as ResponseOf<R>);
  }
}

const alice: UserSession = {
  userId: 'alice' as UserId,
  role: 'user',
  profile: { email: null, username: null, displayName: 'Alice', avatarUrl: null, role: 'user' },
  issuedAt: 0,
  expiresAt: Infinity,
};

describe('sending a message', () => {
  let messaging: FakeMessaging;
  const send = async (body: object = {}, conversationId = '1') => {
    const parsed = SendMessageBody.parse({ content: 'Hi', ...body });
    const sent = await new MessageSender(messaging).send(alice, conversationId, parsed, 'r-1');
    return sent instanceof RawJson ? sent.value : sent;
  };

  beforeEach(() => {
    messaging = new FakeMessaging();
  });

  it('passes on what the client said, and whose request it is', async () => {
    await send({ client_message_id: 'c-1', reply_to_id: '7', metadata: { a: 1 } });
    expect(messaging.sent).toEqual([
      {
        conversationId: '1',
        senderId: 'alice',
        key: { by: 'client', id: 'c-1' },
        content: 'Hi',
        messageType: 'text',
        replyToId: '7',
        threadRootId: null,
        attachmentIds: [],
        mentions: [],
        metadata: { a: 1 },
      },
    ]);
    expect(messaging.options[0]).toMatchObject({ requestId: 'r-1' });
  });

  it.each([{}, { reply_to_id: null, metadata: null, message_type: null }, { reply_to_id: '' }])(
    'takes absent, null and empty fields alike: %j',
    async (body) => {
      await send(body);
      expect(messaging.sent[0]).toMatchObject({ replyToId: null, metadata: null, messageType: 'text' });
    },
  );

  it.each([
    [{ client_message_id: 'c-1' }, 'c-1'],
    [{ local_temp_id: 'l-1' }, 'l-1'],
    [{ client_message_id: 'c-1', local_temp_id: 'l-1' }, 'c-1'],
    [{ client_message_id: null, local_temp_id: 'l-1' }, 'l-1'],
  ])('knows a repetition of %j by its key', async (body, id) => {
    await send(body);
    expect(messaging.sent[0]?.key).toEqual({ by: 'client', id });
  });

  it.each([{}, { client_message_id: null, local_temp_id: '' }])('makes a key of its own for %j', async (body) => {
    await send(body);
    await send(body);
    const [first, second] = messaging.sent.map(({ key }) => key);
    expect(first?.by).toBe('gateway');
    expect(second?.id).not.toBe(first?.id);
  });

  it('passes on what a message is about', async () => {
    await send({ content: null, thread_root_id: '9', attachment_ids: ['f-1', 'f-2'], mentions: ['bob'] });
    expect(messaging.sent[0]).toMatchObject({
      content: '',
      threadRootId: '9',
      attachmentIds: ['f-1', 'f-2'],
      mentions: ['bob'],
    });
  });

  it.each([{ content: '' }, { content: null }, { content: '', attachment_ids: [] }])(
    'refuses a message that says nothing: %j',
    async (body) => {
      const refusal = { code: 'validation_failed', issues: [{ path: 'content' }] };
      await expect(send(body)).rejects.toMatchObject(refusal);
      expect(messaging.sent).toEqual([]);
    },
  );

  it('answers what the sender sees', async () => {
    await expect(send()).resolves.toEqual({ ...aMessage({ content: 'Hi' }), is_read: false, read_at: null });
  });

  it('answers a repetition with what the sender sees by now, as if it was sent just now', async () => {
    const like = { count: 2, user_ids: ['alice', 'bob'] as UserId[] };
    messaging.duplicate = true;
    messaging.stored = { status: 'read', reactions: { '👍': like } };
    await expect(send()).resolves.toEqual({
      ...aMessage({ content: 'Hi' }),
      reactions: { '👍': { ...like, me: true } },
      is_read: false,
      read_at: null,
    });
  });

  it('has a message kept until its time, and repeats that as any send', async () => {
    messaging.failures = ['service_unavailable'];
    await expect(send({ send_at: '2030-01-01T12:00:00.5+02:00' })).resolves.toMatchObject({ status: 'scheduled' });
    const [first, second] = messaging.sent;
    expect(first).toMatchObject({ content: 'Hi', sendAt: '2030-01-01T10:00:00.500Z' });
    expect(second).toEqual(first);
  });

  it.each<[string, object, string, ErrorCode]>([
    ['conversation', {}, 'conv-123', 'conversation_not_found'],
    ['message to reply to', { reply_to_id: 'msg-123' }, '1', 'reply_target_not_found'],
    ['thread', { thread_root_id: 'msg-123' }, '1', 'thread_root_not_found'],
  ])('refuses an id that can name no %s', async (_what, body, conversationId, code) => {
    await expect(send(body, conversationId)).rejects.toMatchObject({ code });
    expect(messaging.sent).toEqual([]);
  });

  it('repeats a send whose outcome is unknown, with the same key', async () => {
    messaging.failures = ['service_unavailable', 'service_unavailable'];
    await expect(send()).resolves.toMatchObject({ content: 'Hi' });
    const [first, ...repeated] = messaging.sent.map(({ key }) => key);
    expect(repeated).toEqual([first, first]);
  });

  it('does not repeat a send that was refused', async () => {
    messaging.failures = ['not_a_participant'];
    await expect(send()).rejects.toMatchObject({ code: 'not_a_participant' });
    expect(messaging.sent).toHaveLength(1);
  });

  it('gives up after five seconds, and leaves each attempt no more time than there is', async () => {
    jest.useFakeTimers();
    try {
      messaging.failures = Array<ErrorCode>(100).fill('service_unavailable');
      const startedAt = Date.now();
      const outcome = expect(send()).rejects.toMatchObject({ code: 'service_unavailable' });
      await jest.advanceTimersByTimeAsync(5_000);
      await outcome;
      expect(messaging.sent.length).toBeGreaterThan(2);
      expect(messaging.failures.length).toBeGreaterThan(80);
      for (const { timeoutMs } of messaging.options) expect(timeoutMs).toBeLessThanOrEqual(2_500);
      expect(messaging.options.at(-1)?.timeoutMs).toBeGreaterThan(0);
      expect(Date.now() - startedAt).toBeLessThanOrEqual(5_000);
    } finally {
      jest.useRealTimers();
    }
  });
});
