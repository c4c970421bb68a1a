import { once } from 'node:events';
import { catalogue } from '@parley/errors';
import { type ChatClient, plainClient, socketIoClient } from '@parley/testing';
import { io as socketIo } from 'socket.io-client';
import WebSocket from 'ws';
import { closeSocket } from './connection/close.socket';
import { onlySocket, startTestServer, type TestServer } from './transport.scene';

const transports = [
  ['a plain WebSocket', plainClient],
  ['Socket.IO', socketIoClient],
] as const;

const refusals = [
  ['invalid_token', 4401, 'Invalid token'],
  ['not_a_participant', 4403, 'Not a participant in this conversation'],
  ['rate_limited', 4429, 'Too many requests'],
  ['validation_failed', 4400, 'The request is invalid'],
  ['service_unavailable', 1013, 'The service is temporarily unavailable'],
] as const;

describe('sockets', () => {
  let server: TestServer;
  const clients: ChatClient[] = [];

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    const gone = clients.splice(0).map((client) => (client.close(), client.closed));
    await Promise.all(gone);
  });
  afterAll(() => server.close());

  async function open(connect: typeof plainClient, options?: Parameters<typeof plainClient>[2]) {
    const client = connect(server.url, 'good', options);
    clients.push(client);
    await client.session;
    return client;
  }

  it('hear one broadcast in the same order over both transports', async () => {
    const heard: unknown[][] = [];
    for (const [, connect] of transports) {
      const client = await open(connect);
      const log: unknown[] = [];
      heard.push(log);
      client.listen(({ event, payload }) => event === 'said' && log.push(payload));
      await client.emitWithAck('join', { room: 'both' });
    }
    const said = Array.from({ length: 200 }, (_, n) => ({ text: `${n} "ünï" 😀 \\` }));
    for (const frame of said) server.io.to('both').emit('said', frame);
    await Promise.all(clients.map((client) => client.emitWithAck('echo')));
    expect(heard).toEqual([said, said]);
  });

  describe.each(transports)('over %s', (_, connect) => {
    it('get their answer to each frame, in the order of the frames', async () => {
      const client = await open(connect);
      const answers = await Promise.all([1, 2, 3].map((n) => client.emitWithAck('echo', { n })));
      expect(answers).toEqual([1, 2, 3].map((n) => ({ ok: true, data: expect.objectContaining({ n }) })));
    });

    it('are told of an unknown event, in the ack or else by an error event', async () => {
      const client = await open(connect);
      expect(await client.emitWithAck('no_such')).toMatchObject({ ok: false, error: { code: 'unknown_event' } });
      client.emit('no_such');
      expect(await client.nextEvent('error')).toMatchObject({ code: 'unknown_event', event: 'no_such' });
    });

    it('may speak before they are let in', async () => {
      const client = connect(server.url, 'good');
      clients.push(client);
      expect(await client.emitWithAck('echo', { early: true })).toMatchObject({ ok: true, data: { early: true } });
    });

    it.each(['query', 'header'] as const)('may bring the token in the %s', async (tokenIn) => {
      await open(connect, { tokenIn });
    });

    it('are closed with a code that asks them to come back', async () => {
      const client = await open(connect);
      const socket = onlySocket(server);
      const left = once(socket, 'disconnect');
      closeSocket(socket, 4008, 'slow_consumer');
      await left;
      expect(await client.closed).toMatchObject({ code: 4008 });
      expect(client.frames.map(({ event }) => event)).toEqual(['session']);
    });

    it('are told why before they are closed for good', async () => {
      const client = await open(connect);
      const socket = onlySocket(server);
      socket.emit('said', { text: 'last words' });
      closeSocket(socket, 4401, 'token_expired');
      expect(socket.rooms.size).toBe(0);
      expect(await client.nextEvent('error')).toEqual({ message: 'Invalid token', code: 'token_expired' });
      expect(await client.closed).toMatchObject({ code: 4401 });
      expect(client.frames.map(({ event }) => event)).toEqual(['session', 'said', 'error']);
    });

    it('are closed when the server disconnects them as any Socket.IO server would', async () => {
      const [one, other] = [await open(connect), await open(connect)];
      const [socket] = server.io.sockets.sockets.values();
      socket?.disconnect(true);
      await one.closed;
      server.io.disconnectSockets(true);
      await other.closed;
      expect(server.io.engine.clientsCount).toBe(0);
    });

    it('keep nothing of the request that opened them, nor of its token', async () => {
      await open(connect);
      const { request, handshake } = onlySocket(server);
      expect(request).toBeUndefined();
      expect(handshake).toMatchObject({ headers: {}, auth: {}, query: {}, url: '' });
    });
  });

  it('come back by themselves over Socket.IO when the code asks for it, and only then', async () => {
    const client = socketIo(server.url, { transports: ['websocket'], auth: { token: 'good' }, reconnectionDelay: 1 });
    const arrival = () => new Promise<void>((resolve) => client.once('connect', resolve));
    await arrival();
    const back = arrival();
    closeSocket(onlySocket(server), 4000, 'draining');
    await back;
    const left = new Promise<string>((resolve) => client.once('disconnect', resolve));
    closeSocket(onlySocket(server), 4401, 'token_expired');
    expect(await left).toBe('io server disconnect');
    expect(client.active).toBe(false);
  });

  describe('refused at the handshake', () => {
    it.each(refusals)('hear %s over a plain WebSocket, and are closed with %i', async (code, closeCode, message) => {
      const client = plainClient(server.url, code);
      expect(await client.nextEvent('error')).toEqual({ message, code, retryable: catalogue[code].retryable });
      expect(await client.closed).toEqual({ code: closeCode, reason: code });
    });

    it.each(refusals)('hear %s as the problem of connect_error over Socket.IO', async (code, _, message) => {
      const { reason, problem } = await socketIoClient(server.url, code).closed;
      expect(reason).toBe(message);
      expect(problem).toMatchObject({ code, detail: message });
    });

    it('without a token they are upgraded, told so and closed', async () => {
      const client = plainClient(server.url, undefined);
      const error = { message: 'Invalid token', code: 'invalid_token', retryable: false };
      expect(await client.nextEvent('error')).toEqual(error);
      expect(await client.closed).toMatchObject({ code: 4401 });
      expect(await socketIoClient(server.url, undefined).closed).toMatchObject({ problem: { code: 'invalid_token' } });
    });
  });

  describe('on a plain WebSocket', () => {
    it('may bring the token in the path, and it is not kept', async () => {
      const client = await open(plainClient, { tokenIn: 'path' });
      expect(server.handshake).toMatchObject({ auth: { token: 'good' }, url: '/api/ws', query: {} });
      client.close();
    });

    it('may bring heads, as Socket.IO clients do in auth', async () => {
      const heads = { '7': { seq: 3, rev: 4 } };
      await open(plainClient, { heads });
      expect(server.handshake.auth).toEqual({ token: 'good', heads });
    });

    it('are refused with heads that are no JSON', async () => {
      const webSocket = new WebSocket(`${server.url}/api/ws?token=good&heads={`);
      const [frame] = (await once(webSocket, 'message')) as [Buffer];
      expect(JSON.parse(frame.toString())).toMatchObject({ type: 'error', code: 'malformed_request' });
      const [code] = (await once(webSocket, 'close')) as [number];
      expect(code).toBe(4400);
    });
  });
});
