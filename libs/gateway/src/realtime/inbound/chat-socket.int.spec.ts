import type { AddressInfo } from 'node:net';
import { Logger, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { RpcClient } from '@parley/bus';
import { AddReaction, DeleteMessage, EditMessage, MarkReceived, RemoveReaction } from '@parley/contracts';
import { AppError } from '@parley/errors';
import { aMessage, aViewedMessage, type ChatClient, plainClient, socketIoClient } from '@parley/testing';
import { z } from 'zod';
import type { UserSession } from '../../auth/user.session';
import { MessageSender } from '../../message/message.sender';
import { ReceiptMarker } from '../../message/receipt.marker';
import type { ChatServer, ChatSocket as ClientSocket } from '../session/chat.socket';
import { SessionRenewal } from '../session/session.renewal';
import { LocalSession, SessionRegistry } from '../session/session.registry';
import { SyncReader } from '../session/sync.reader';
import { SyncTeller } from '../session/sync.teller';
import { RealtimeAdapter } from '../transport/realtime.adapter';
import { limits } from '../transport/transport.scene';
import { ChatSocket } from './chat-socket.decorator';
import { type FrameContext, OnFrame } from './frame.handler';
import { MessageSocket } from './message.socket';
import { ReactionSocket } from './reaction.socket';
import { ReceiptSocket } from './receipt.socket';
import { SendQueues } from './send.queues';
import { SessionSocket } from './session.socket';
import { SyncSocket } from './sync.socket';

const Payload = z.object({ n: z.number(), list: z.array(z.string().max(3)).optional() });

@ChatSocket()
class TestSocket {
  @OnFrame('double', Payload)
  double({ n }: z.infer<typeof Payload>) {
    return { n: 2 * n };
  }

  @OnFrame('event_key', z.unknown())
  eventKey() {
    return { event: 'not an event', data: 1 };
  }

  @OnFrame('nothing', z.unknown())
  nothing() {}

  @OnFrame('refuse', z.unknown())
  refuse(): Promise<never> {
    return Promise.reject(new AppError('conversation_not_found'));
  }

  @OnFrame('break', z.unknown())
  break(): never {
    throw new TypeError('a secret of the implementation');
  }

  @OnFrame('unwritable', z.unknown())
  unwritable() {
    const circle: Record<string, unknown> = {};
    return (circle['self'] = circle);
  }

  @OnFrame('who', z.unknown())
  who(_: unknown, { session, requestId, socket }: FrameContext) {
    return { userId: session.userId, requestId, socketId: socket.id };
  }

  afterInit(server: ChatServer): void {
    server.use((socket, next) => {
      socket.data.session = { userId: socket.handshake.auth['token'] } as UserSession;
      next();
    });
  }

  handleConnection(socket: ClientSocket): void {
    socket.emit('session', {} as never);
  }
}

const sender = { send: jest.fn() };
const rpc = { call: jest.fn() };
const missed = { read: jest.fn() };
const renewal = { renew: jest.fn() };

@Module({
  providers: [
    TestSocket,
    SendQueues,
    MessageSocket,
    ReactionSocket,
    ReceiptSocket,
    SyncSocket,
    { provide: SessionRegistry, useValue: { find: (socket: ClientSocket) => new LocalSession(socket) } },
    SessionSocket,
    { provide: MessageSender, useValue: sender },
    { provide: RpcClient, useValue: rpc },
    ReceiptMarker,
    SyncTeller,
    { provide: SyncReader, useValue: missed },
    { provide: SessionRenewal, useValue: renewal },
  ],
})
class TestModule {}

describe.each([
  ['a plain WebSocket', plainClient],
  ['Socket.IO', socketIoClient],
] as const)('a frame over %s', (_, connect) => {
  let app: NestFastifyApplication;
  let client: ChatClient;
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useWebSocketAdapter(new RealtimeAdapter(app, { realtime: limits, http: { corsOrigins: [] } }));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    client = connect(`http://127.0.0.1:${port}`, 'ann');
    await client.session;
  });
  beforeEach(() => jest.clearAllMocks());
  // While the client is still connected: the server has to let it go.
  afterAll(() => app.close());

  it('is answered with what its handler returns', async () => {
    expect(await client.emitWithAck('double', { n: 21 })).toEqual({ ok: true, data: { n: 42 } });
    expect(await client.emitWithAck('event_key')).toEqual({ ok: true, data: { event: 'not an event', data: 1 } });
    expect(await client.emitWithAck('nothing')).toEqual({ ok: true, data: {} });
  });

  it('is answered with the problem that its handler throws', async () => {
    expect(await client.emitWithAck('refuse')).toEqual({
      ok: false,
      error: {
        type: 'urn:parley:error:conversation_not_found',
        title: 'Conversation not found',
        status: 404,
        detail: 'Conversation not found',
        code: 'conversation_not_found',
        retryable: false,
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('without an ack is answered by an error event when it fails', async () => {
    client.emit('refuse');
    const error = { message: 'Conversation not found', code: 'conversation_not_found', event: 'refuse' };
    expect(await client.nextEvent('error')).toEqual(error);
  });

  it.each([
    [{ n: 'x' }, ['n']],
    [{}, ['n']],
    [{ n: 1, list: ['abc', 'abcd', 5] }, ['list.1', 'list.2']],
  ])('%j is refused with where it is wrong', async (payload, paths) => {
    const answer = await client.emitWithAck('double', payload);
    expect(answer).toMatchObject({ ok: false, error: { code: 'validation_failed', status: 422 } });
    const issues = answer.ok ? [] : answer.error.errors;
    expect(issues?.map(({ path }) => path)).toEqual(paths);
  });

  it.each(['break', 'unwritable'])(
    'whose handling breaks is answered with internal_error, and is logged once: %s',
    async (event) => {
      const answer = await client.emitWithAck(event);
      expect(answer).toMatchObject({
        ok: false,
        error: { code: 'internal_error', detail: 'Something went wrong on our side' },
      });
      expect(JSON.stringify(answer)).not.toContain('secret');
      expect(logged).toHaveBeenCalledTimes(1);
    },
  );

  it('knows who says it, and gives each frame a name of its own', async () => {
    const [one, other] = [await client.emitWithAck('who'), await client.emitWithAck('who')];
    expect(one).toMatchObject({ ok: true, data: { userId: 'ann', socketId: expect.any(String) } });
    const ids = [one, other].map((answer) => (answer as { data: { requestId: string } }).data.requestId);
    expect(new Set(ids).size).toBe(2);
  });

  it('that nests its data too deeply is refused', async () => {
    const deep = '['.repeat(8_000) + ']'.repeat(8_000);
    const payload = `"conversation_id":"7","content":"x","metadata":{"a":${deep}}`;
    if (client.transport === 'plain') client.sendRaw(`{"type":"send_message",${payload}}`);
    else client.sendRaw(`42["send_message",{${payload}}]`);
    expect(await client.nextEvent('error')).toMatchObject({ code: 'validation_failed', event: 'send_message' });
    expect(sender.send).not.toHaveBeenCalled();
  });

  describe('send_message', () => {
    it('is sent in the name of the session, and answered with the message', async () => {
      const message = aMessage({ content: 'Hello!' });
      sender.send.mockResolvedValue(message);
      const body = { content: 'Hello!', client_message_id: 'c1' };
      expect(await client.send('7', body)).toEqual(message);
      const said = { ...body, conversation_id: '7' };
      expect(sender.send).toHaveBeenCalledWith(
        { userId: 'ann' },
        '7',
        expect.objectContaining(said),
        expect.any(String),
      );
    });

    it('waits for the ones before it in its conversation', async () => {
      const order: string[] = [];
      sender.send.mockImplementation(async (_: UserSession, __: string, { content }: { content: string }) => {
        order.push(`${content} begins`);
        await new Promise((resolve) => setTimeout(resolve, content === 'a' ? 20 : 0));
        order.push(`${content} ends`);
        return aMessage({ content });
      });
      await Promise.all(['a', 'b', 'c'].map((content) => client.send('7', { content })));
      expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    });

    it('is refused where it is not what it should be', async () => {
      const answer = await client.emitWithAck('send_message', { conversation_id: '7', content: 7 });
      expect(answer).toMatchObject({ ok: false, error: { code: 'validation_failed', errors: [{ path: 'content' }] } });
      expect(sender.send).not.toHaveBeenCalled();
    });
  });

  describe.each([
    ['edit_message', { content: 'b' }, EditMessage, { content: 'b', metadata: null }],
    ['delete_message', {}, DeleteMessage, {}],
    ['add_reaction', { emoji: '👍' }, AddReaction, { emoji: '👍' }],
    ['remove_reaction', { emoji: '👍' }, RemoveReaction, { emoji: '👍' }],
  ] as const)('%s', (event, payload, called, request) => {
    it('is done in the name of the session, and answered with the message', async () => {
      const message = aViewedMessage();
      rpc.call.mockResolvedValue({ message });
      expect(await client.emitWithAck(event, { message_id: '9', ...payload })).toEqual({ ok: true, data: { message } });
      const expected = { userId: 'ann', messageId: '9', ...request };
      expect(rpc.call).toHaveBeenCalledWith(called, expected, { requestId: expect.any(String) });
    });

    it('waits for what the socket does with the same message, and for nothing else', async () => {
      const order: string[] = [];
      let release: () => void = () => undefined;
      const otherIsDone = new Promise<void>((resolve) => (release = resolve));
      rpc.call.mockImplementation(async (_: unknown, { messageId }: { messageId: string }) => {
        order.push(messageId);
        if (messageId === '9') await otherIsDone;
        order.push(`${messageId} done`);
        if (messageId === '8') release();
        return { message: aViewedMessage() };
      });
      await Promise.all(['9', '9', '8'].map((id) => client.emitWithAck(event, { message_id: id, ...payload })));
      expect(order).toEqual(['9', '8', '8 done', '9 done', '9', '9 done']);
    });

    it.each([
      [{ message_id: 'x' }, 'message_not_found'],
      [{}, 'validation_failed'],
    ])('is refused for %j', async (target, code) => {
      const answer = await client.emitWithAck(event, { ...payload, ...target });
      expect(answer).toMatchObject({ ok: false, error: { code } });
      expect(rpc.call).not.toHaveBeenCalled();
    });
  });

  describe.each([
    ['message_read', 'read', { read_at: 'then' }],
    ['message_delivered', 'delivered', { delivered_at: 'then' }],
  ] as const)('%s', (event, kind, at) => {
    const cursor = { conversationId: '7', upToSeq: 3, at: 'then', unreadCount: 2, mentionCount: 1 };
    const data = { conversation_id: '7', up_to_seq: 3, unread_count: 2, mention_count: 1, ...at };

    it.each([
      [{ conversation_id: '7' }, { by: 'everything', conversationId: '7' }],
      [
        { conversation_id: '7', up_to_seq: 3, message_id: null },
        { by: 'seq', conversationId: '7', seq: 3 },
      ],
      [{ message_id: '9' }, { by: 'message', messageId: '9' }],
      [
        { conversation_id: '7', message_id: '9' },
        { by: 'message', messageId: '9', conversationId: '7' },
      ],
    ])('of %j moves the cursor and answers where it stands', async (payload, upTo) => {
      rpc.call.mockResolvedValue(cursor);
      expect(await client.emitWithAck(event, payload)).toEqual({ ok: true, data });
      const expected = { userId: 'ann', kind, upTo };
      expect(rpc.call).toHaveBeenCalledWith(MarkReceived, expected, { requestId: expect.any(String) });
    });

    it('of everything waits for the sends before it', async () => {
      const order: string[] = [];
      let release: () => void = () => undefined;
      const otherIsMarked = new Promise<void>((resolve) => (release = resolve));
      sender.send.mockImplementation(async () => {
        await otherIsMarked;
        order.push('sent');
        return aViewedMessage();
      });
      rpc.call.mockImplementation(async () => {
        order.push('marked');
        release();
        return cursor;
      });
      await Promise.all([
        client.send('7', { content: 'a' }),
        client.emitWithAck(event, { conversation_id: '7' }),
        client.emitWithAck(event, { conversation_id: '8' }),
      ]);
      expect(order).toEqual(['marked', 'sent', 'marked']);
    });

    it.each([
      [{}, 'validation_failed'],
      [{ conversation_id: '7', up_to_seq: 1, message_id: '9' }, 'validation_failed'],
      [{ conversation_id: 'x' }, 'conversation_not_found'],
      [{ message_id: 'x' }, 'message_not_found'],
      [{ conversation_id: '7', up_to_seq: -1 }, 'validation_failed'],
      [{ up_to_seq: 1 }, 'validation_failed'],
    ])('is refused for %j', async (payload, code) => {
      expect(await client.emitWithAck(event, payload)).toMatchObject({ ok: false, error: { code } });
      expect(rpc.call).not.toHaveBeenCalled();
    });
  });

  describe('sync', () => {
    it('is answered with what was missed since its heads', async () => {
      missed.read.mockResolvedValue({ sync: { epoch: 'e' } });
      const heads = { '7': { seq: 1, rev: 2 }, '8': 3 };
      expect(await client.emitWithAck('sync', { heads })).toEqual({ ok: true, data: { epoch: 'e' } });
      expect(missed.read).toHaveBeenCalledWith('ann', heads, expect.any(String));
    });

    it('is answered by synced where no ack is asked for', async () => {
      missed.read.mockResolvedValue({ sync: { epoch: 'e' } });
      await client.emitWithAck('sync', { heads: {} });
      expect(client.frames.filter(({ event }) => event === 'synced')).toEqual([]);
      client.emit('sync', { heads: {} });
      expect(await client.nextEvent('synced')).toEqual({ epoch: 'e' });
    });

    it('is refused while four of the socket are running', async () => {
      const finish: ((answer: object) => void)[] = [];
      missed.read.mockImplementation(() => new Promise((resolve) => finish.push(resolve)));
      const running = Array.from({ length: 4 }, () => client.emitWithAck('sync', { heads: {} }));
      expect(await client.emitWithAck('sync', { heads: {} })).toMatchObject({
        ok: false,
        error: { code: 'rate_limited' },
      });
      for (const resolve of finish) resolve({ sync: {} });
      expect(await Promise.all(running)).toEqual(running.map(() => ({ ok: true, data: {} })));
    });
  });

  it('ping is answered with the time, as ack or as pong', async () => {
    const pong = { server_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) };
    expect(await client.emitWithAck('ping')).toEqual({ ok: true, data: pong });
    expect(client.frames.filter(({ event }) => event === 'pong')).toEqual([]);
    client.emit('ping');
    expect(await client.nextEvent('pong')).toEqual(pong);
  });

  it('authenticate renews the session of its socket', async () => {
    renewal.renew.mockResolvedValue({ expires_at: 'later' });
    expect(await client.emitWithAck('authenticate', { token: 't' })).toEqual({
      ok: true,
      data: { expires_at: 'later' },
    });
    expect(renewal.renew).toHaveBeenCalledWith(expect.objectContaining({ id: expect.any(String) }), 't');
  });
});
