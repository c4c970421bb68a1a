import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { AppError, toProblem } from '@parley/errors';
import { plainClient, socketIoClient } from '@parley/testing';
import { io as socketIo } from 'socket.io-client';
import WebSocket from 'ws';
import { frameTableOf } from '../inbound/frame.table';
import { lateRoom } from '../rooms';
import { limits, onlySocket, startTestServer, type TestServer, type TestServerOptions } from './transport.scene';
import { webSocketOf } from './connection/web.socket';

const transports = [
  ['a plain WebSocket', plainClient],
  ['Socket.IO', socketIoClient],
] as const;

/** A WebSocket below which the test can stop reading, as a client on a bad line does. */
const plainWebSocket = (url: string) => new WebSocket(`${url}/api/ws?token=good`);

async function socketIoWebSocket(url: string): Promise<WebSocket> {
  const client = socketIo(url, { transports: ['websocket'], auth: { token: 'good' }, reconnection: false });
  await new Promise<void>((resolve) => client.once('session', resolve));
  return (client.io.engine.transport as unknown as { ws: WebSocket }).ws;
}

const rawTransports = [
  ['a plain WebSocket', plainWebSocket],
  ['Socket.IO', socketIoWebSocket],
] as const;

/** Short, and longer than a busy machine keeps an answer waiting. A peer is asked again only when it has answered. */
const heartbeat = { pingIntervalMs: 100, pingTimeoutMs: 1_500 };

describe('sockets', () => {
  let server: TestServer;
  const start = async (options: TestServerOptions) => (server = await startTestServer(options));

  afterEach(() => server.close());

  it.each(transports)(
    'whose frames may have been given up over %s are closed, and nothing is carried out',
    async (_, connect) => {
      let isStale = false;
      await start({ isStale: () => isStale });
      const [listener, client] = [connect(server.url, 'good'), connect(server.url, 'good')];
      await listener.emitWithAck('join', { room: 'a' });
      await client.emitWithAck('say', { room: 'a', text: 'in time' });
      expect(await listener.nextEvent('said' as never)).toMatchObject({ text: 'in time' });
      isStale = true;
      client.emit('say', { room: 'a', text: 'late' });
      while (server.io.sockets.sockets.size > 1) await new Promise(setImmediate);
      server.io.to('a').emit('said', { text: 'last' });
      expect(await listener.nextEvent('said' as never)).toMatchObject({ text: 'last' });
      client.close();
      listener.close();
    },
  );

  it.each(rawTransports)(
    'that stop reading over %s are closed, and what waits for them stays bounded',
    async (_, open) => {
      await start({});
      const webSocket = await open(server.url);
      if (webSocket.readyState !== WebSocket.OPEN) await once(webSocket, 'message');
      const socket = onlySocket(server);
      const serverSide = webSocketOf(socket.conn);
      const gone = once(socket, 'disconnect').then(() => 'gone');
      webSocket.pause();
      const text = 'x'.repeat(100_000);
      let most = 0;
      for (let rounds = 0; rounds < 1_000 && socket.connected; rounds++) {
        socket.emit('said', { text });
        most = Math.max(most, serverSide.bufferedAmount);
        await new Promise(setImmediate);
      }
      expect(await gone).toBe('gone');
      expect(most).toBeLessThan(limits.maxBufferedBytes + 2 * text.length);
      const closed = once(webSocket, 'close');
      webSocket.resume();
      expect(await closed).toEqual([4008, Buffer.from('slow_consumer')]);
    },
  );

  it.each(rawTransports)(
    'that are behind with reading over %s are spared what may be lost, until they have caught up',
    async (_, open) => {
      await start({});
      const webSocket = await open(server.url);
      if (webSocket.readyState !== WebSocket.OPEN) await once(webSocket, 'message');
      const heard: string[] = [];
      webSocket.on('message', (data: Buffer) =>
        heard.push(...(/"text":"(late|lasting) \d"/.exec(data.toString()) ?? []).slice(0, 1)),
      );
      const socket = onlySocket(server);
      const other = plainClient(server.url, 'good');
      await other.session;
      const say = (text: string) => {
        server.io.local.except(lateRoom).emit('said', { text: `late ${text}` });
        server.io.local.emit('said', { text: `lasting ${text}` });
      };
      webSocket.pause();
      while (!socket.rooms.has(lateRoom)) {
        socket.emit('said', { text: 'x'.repeat(100_000) });
        await new Promise(setImmediate);
      }
      say('1');
      await other.nextEvent('said' as never, ({ text }: { text: string }) => text === 'late 1');
      webSocket.resume();
      while (socket.rooms.has(lateRoom)) await new Promise(setImmediate);
      say('2');
      while (heard.length < 3) await once(webSocket, 'message');
      expect(heard).toEqual(['"text":"lasting 1"', '"text":"late 2"', '"text":"lasting 2"']);
      webSocket.close();
      other.close();
    },
  );

  it.each(transports)('that flood over %s are slowed down, and lose nothing', async (_, connect) => {
    // So few a second that no machine takes as long for them.
    await start({ flood: { burst: 50, perSecond: 500 } });
    const client = connect(server.url, 'good');
    await client.session;
    const serverSide = webSocketOf(onlySocket(server).conn);
    const hold = jest.spyOn(serverSide, 'pause');
    const acks = Array.from({ length: 500 }, () => client.emitWithAck('echo', {}));
    await Promise.all(acks);
    expect(hold).toHaveBeenCalled();
    client.close();
  });

  it('that ask over and over to be let in on one connection are closed', async () => {
    await start({});
    const webSocket = new WebSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    await once(webSocket, 'open');
    for (let n = 0; n < 100; n++) webSocket.send('40{"token":"invalid_token"}');
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(4429);
  });

  it('that never ask to be let in over Engine.IO are closed', async () => {
    await start({ realtime: { connectTimeoutMs: 100 } });
    const webSocket = new WebSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    await once(webSocket, 'close');
  });

  it('that left over Socket.IO, but kept their connection, are closed when they do not come back', async () => {
    await start({ realtime: { connectTimeoutMs: 1_000 } });
    const webSocket = await socketIoWebSocket(server.url);
    const closed = once(webSocket, 'close');
    const left = once(onlySocket(server), 'disconnect');
    webSocket.send('41');
    await left;
    const back = once(server.io.sockets, 'connection');
    webSocket.send('40{"token":"good"}');
    await back;
    webSocket.send('41');
    await closed;
  });

  it.each(transports)('whose handshake takes too long over %s are closed, to come back', async (_, connect) => {
    await start({ realtime: { connectTimeoutMs: 100 } });
    server.io.use(() => undefined);
    const client = connect(server.url, 'good');
    expect((await client.closed).code).toBe(connect === plainClient ? 1013 : 1005);
  });

  it.each(transports)('that were let in stay, whatever time it took, over %s', async (_, connect) => {
    const connectTimeoutMs = 1_000;
    await start({ realtime: { connectTimeoutMs } });
    const client = connect(server.url, 'good');
    await client.session;
    await new Promise((resolve) => setTimeout(resolve, connectTimeoutMs + 200));
    expect(await client.emitWithAck('echo', {})).toMatchObject({ ok: true });
    client.close();
  });

  it.each([
    ['a plain WebSocket', '/api/ws?token=good'],
    ['Socket.IO', '/socket.io/?EIO=4&transport=websocket'],
  ])('are refused before anything is known of them when there are far too many, over %s', async (_, path) => {
    await start({ realtime: { maxConnections: 1, maxWaiting: 1 } });
    const present = [0, 1].map(() => new WebSocket(server.url + path));
    await Promise.all(present.map((webSocket) => once(webSocket, 'message')));
    const refused = new WebSocket(server.url + path).on('error', () => undefined);
    const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    refused.terminate();
    for (const webSocket of present) webSocket.terminate();
  });

  it('hear over a plain WebSocket when to come back, and over Socket.IO, too', async () => {
    await start({});
    server.io.use((_socket, next) => {
      const extension = { retry_after: 3, reconnect_after_ms: 2_500 };
      const error = new AppError('service_unavailable', { extension });
      next(Object.assign(new Error(error.message), { data: toProblem(error, 'r') }));
    });
    const plain = plainClient(server.url, 'good');
    const hints = { retryable: true, retry_after: 3, reconnect_after_ms: 2_500 };
    expect(await plain.nextEvent('error')).toMatchObject({ code: 'service_unavailable', ...hints });
    expect(await plain.closed).toEqual({ code: 1013, reason: 'service_unavailable' });
    const { problem } = await socketIoClient(server.url, 'good').closed;
    expect(problem).toMatchObject({ status: 503, retryable: true, retry_after: 3, reconnect_after_ms: 2_500 });
  });

  it('are not read from while too many of their frames are unanswered, and are read on afterwards', async () => {
    await start({});
    const client = plainClient(server.url, 'good');
    await client.session;
    const answers: (() => void)[] = [];
    const socket = onlySocket(server);
    const work = () => new Promise<void>((resolve) => answers.push(resolve));
    frameTableOf(server.io).set('work', { limit: undefined, handle: work });
    const sent = 10_000;
    const acks = Array.from({ length: sent }, () => client.emitWithAck('work', { filling: 'x'.repeat(200) }));
    while (!webSocketOf(socket.conn).isPaused) await new Promise(setImmediate);
    expect(answers.length).toBeLessThan(sent / 4);
    let done = 0;
    const all = Promise.all(acks.map((ack) => ack.then(() => done++)));
    while (done < sent) {
      for (const answer of answers.splice(0)) answer();
      await new Promise(setImmediate);
    }
    await all;
  });

  it.each(transports)('whose peer has silently gone are noticed over %s', async (_, connect) => {
    await start({ realtime: heartbeat });
    const client = connect(server.url, 'good');
    await client.session;
    const socket = onlySocket(server);
    const webSocket = client as unknown as { ws?: WebSocket; webSocket?: WebSocket };
    (webSocket.ws ?? webSocket.webSocket)?.pause();
    const [reason] = (await once(socket, 'disconnect')) as [string];
    expect(reason).toBe('ping timeout');
    client.drop();
  });

  it.each(transports)('whose peer answers stay over %s', async (_, connect) => {
    await start({ realtime: heartbeat });
    const client = connect(server.url, 'good');
    await client.session;
    let pings = 0;
    const serverSide = webSocketOf(onlySocket(server).conn);
    await new Promise<void>((resolve) => {
      const count = () => ++pings === 2 && resolve();
      serverSide.on('pong', count);
      // Engine.IO asks and answers in messages of its own.
      serverSide.on('message', (data: Buffer) => data.toString() === '3' && count());
    });
    expect(onlySocket(server).connected).toBe(true);
    client.close();
  });
});

describe('upgrade requests', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ corsOrigins: ['https://app.example'] });
  });
  afterAll(() => server.close());

  /** What answers the upgrade. */
  function ask(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
      const all = { connection: 'Upgrade', upgrade: 'websocket', ...key, ...headers };
      const asked = request({ host: '127.0.0.1', port: server.port, path, headers: all });
      asked.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response);
      });
      asked.on('response', resolve);
      asked.on('error', reject);
      asked.end();
    });
  }

  /** The status that answers it: 101, or why not. */
  const upgrade = async (path: string, headers?: Record<string, string>) => (await ask(path, headers)).statusCode;

  const plain = '/api/ws?token=good';
  const engine = '/socket.io/?EIO=4&transport=websocket';

  it.each([plain, engine])(
    'of %s are accepted without an origin, from the same host and from a named origin',
    async (path) => {
      expect(await upgrade(path)).toBe(101);
      expect(await upgrade(path, { origin: server.url })).toBe(101);
      expect(await upgrade(path, { origin: 'https://app.example' })).toBe(101);
    },
  );

  it.each([plain, engine])('of %s are refused from other origins', async (path) => {
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null', 'https://app.example.evil', '']) {
      expect(await upgrade(path, { origin })).toBe(403);
    }
  });

  it.each([
    [plain, 403, 'origin_not_allowed'],
    [engine, 403, 'origin_not_allowed'],
    ['/api/wsx', 404, 'route_not_found'],
    ['/socket.io/', 400, 'malformed_request'],
  ])('of %s are refused with %i in a problem document that names nobody who may', async (path, status, code) => {
    const response = await ask(path, { origin: 'https://evil.example' });
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const text = (await response.toArray()).join('');
    expect(JSON.parse(text)).toMatchObject({ status, code, request_id: expect.any(String) });
    expect(text).not.toContain('app.example');
  });

  it.each(['/', '/api/wsx', '/api/ws/a/b', '/socket.io', '/ws', '//[', '/api/%zz'])(
    'of %s are answered with 404',
    async (path) => {
      expect(await upgrade(path)).toBe(404);
    },
  );

  it.each([
    '/socket.io/?EIO=3&transport=websocket',
    '/socket.io/?EIO=4&transport=polling',
    '/socket.io/?EIO=4&transport=websocket&sid=begun-elsewhere',
    '/socket.io/',
  ])('of %s are answered with 400: there is nothing but WebSockets of the present protocol', async (path) => {
    expect(await upgrade(path)).toBe(400);
  });

  it('are what a Socket.IO client has to make: its other requests are told so', async () => {
    const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: 0, message: 'Transport unknown' });
  });

  it('are refused when no more connections are accepted', async () => {
    const other = await startTestServer();
    const known = server;
    server = other;
    other.adapter.stopAccepting();
    expect(await Promise.all([upgrade(plain), upgrade(engine)])).toEqual([503, 503]);
    server = known;
    await other.close();
  });
});
