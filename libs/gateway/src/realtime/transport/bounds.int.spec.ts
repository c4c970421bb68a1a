import { once } from 'node:events';
import { request } from 'node:http';
import { plainClient, socketIoClient } from '@parley/testing';
import { io as socketIo } from 'socket.io-client';
import WebSocket from 'ws';
import { limits, onlySocket, startTestServer, type TestServer, type TestServerOptions } from './transport.suite';
import { webSocketOf } from './web.socket';

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

describe('sockets', () => {
  let server: TestServer;
  const start = async (options: TestServerOptions) => (server = await startTestServer(options));

  afterEach(() => server.close());

  it.each([
    ['a plain WebSocket', plainWebSocket],
    ['Socket.IO', socketIoWebSocket],
  ] as const)('that stop reading over %s are closed, and what waits for them stays bounded', async (_, open) => {
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
  });

  it.each(transports)('that flood over %s are slowed down, and lose nothing', async (_, connect) => {
    await start({ flood: { burst: 50, perSecond: 10_000 } });
    const client = connect(server.url, 'good');
    await client.session;
    const serverSide = webSocketOf(onlySocket(server).conn);
    const hold = jest.spyOn(serverSide, 'pause');
    const acks = Array.from({ length: 1_000 }, () => client.emitWithAck('echo', {}));
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

  it('are not read from while too many of their frames are unanswered, and are read on afterwards', async () => {
    await start({});
    const client = plainClient(server.url, 'good');
    await client.session;
    const answers: (() => void)[] = [];
    const socket = onlySocket(server);
    const work = () => new Promise<void>((resolve) => answers.push(resolve));
    server.adapter.bindMessageHandlers(socket, [
      { message: 'work', methodName: 'work', isAckHandledManually: false, callback: work },
    ]);
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
    await start({ realtime: { pingIntervalMs: 100, pingTimeoutMs: 100 } });
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
    await start({ realtime: { pingIntervalMs: 100, pingTimeoutMs: 100 } });
    const client = connect(server.url, 'good');
    await client.session;
    let pings = 0;
    const serverSide = webSocketOf(onlySocket(server).conn);
    await new Promise<void>((resolve) => {
      const count = () => ++pings === 3 && resolve();
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

  /** The status that answers the upgrade: 101, or why not. */
  function upgrade(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' };
      const all = { connection: 'Upgrade', upgrade: 'websocket', ...key, ...headers };
      const asked = request({ host: '127.0.0.1', port: server.port, path, headers: all });
      asked.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      asked.on('response', (response) => resolve(response.statusCode));
      asked.on('error', reject);
      asked.end();
    });
  }

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

  it.each(['/', '/api/wsx', '/api/ws/a/b', '/socket.io', '/ws', '//[', '/api/%zz'])(
    'of %s are answered with 404',
    async (path) => {
      expect(await upgrade(path)).toBe(404);
    },
  );

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
