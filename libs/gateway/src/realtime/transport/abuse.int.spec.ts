import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { plainClient, socketIoClient } from '@parley/testing';
import WebSocket from 'ws';
import { limits, startTestServer, type TestServer } from './transport.scene';

const levels = 10_000;
const deep = '['.repeat(levels) + ']'.repeat(levels);

/** Jest fails a test during which an exception or a rejection is left uncaught: what would have ended a process. */
describe('a hostile client', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  /** Whatever happened before, others are served. */
  afterEach(async () => {
    const client = plainClient(server.url, 'good');
    expect(await client.emitWithAck('echo', { n: 1 })).toMatchObject({ ok: true });
    client.close();
  });

  describe('on a plain WebSocket', () => {
    it.each([
      ['no JSON', 'not json', 'malformed_request'],
      ['an empty frame', '', 'malformed_request'],
      ['half a frame', '{"type":"echo"', 'malformed_request'],
      ['null', 'null', 'malformed_request'],
      ['a number', '42', 'malformed_request'],
      ['an array', '[]', 'malformed_request'],
      ['an array that looks like an event', '["echo",{}]', 'malformed_request'],
      ['no type', '{}', 'malformed_request'],
      ['a type that is no text', '{"type":5}', 'malformed_request'],
      ['an empty type', '{"type":""}', 'malformed_request'],
      ['an endless type', JSON.stringify({ type: 'x'.repeat(65) }), 'malformed_request'],
      ['a request id that is an object', '{"type":"echo","request_id":{}}', 'malformed_request'],
      ['a request id that is a fraction', '{"type":"echo","request_id":1.5}', 'malformed_request'],
      ['a request id beyond safe integers', '{"type":"echo","request_id":1e99}', 'malformed_request'],
      ['an endless request id', JSON.stringify({ type: 'echo', request_id: 'x'.repeat(65) }), 'malformed_request'],
      ['an empty request id', '{"type":"echo","request_id":""}', 'malformed_request'],
      ['a binary frame', Buffer.from([1, 2, 3]), 'malformed_request'],
      ['an unknown event', '{"type":"no_such"}', 'unknown_event'],
      ['an event of EventEmitter', '{"type":"newListener"}', 'unknown_event'],
      ['an event of Socket.IO', '{"type":"disconnect"}', 'unknown_event'],
      ['the error event', '{"type":"error","message":"x"}', 'unknown_event'],
      ['a name of Object.prototype', '{"type":"__proto__","a":1}', 'unknown_event'],
      ['a method of Object.prototype', '{"type":"toString"}', 'unknown_event'],
      ['a forged ack', '{"type":"ack","request_id":null,"ok":true}', 'unknown_event'],
      ['a quote in the event', JSON.stringify({ type: 'a"],{},"' }), 'unknown_event'],
      ['deep JSON without an event', deep, 'malformed_request'],
      ['deep JSON in an unknown event', `{"type":"no_such","a":${deep}}`, 'unknown_event'],
    ])('sends %s: is told so, and stays connected', async (_, frame, code) => {
      const client = plainClient(server.url, 'good');
      await client.session;
      client.sendRaw(frame);
      expect(await client.nextEvent('error')).toMatchObject({ code, message: expect.any(String) });
      expect(await client.emitWithAck('echo', { n: 2 })).toMatchObject({ ok: true, data: { n: 2 } });
      client.close();
    });

    it.each([
      ['no type', {}, 'malformed_request'],
      ['an event of Socket.IO', { type: 'connect' }, 'unknown_event'],
      ['an unknown event', { type: 'no_such' }, 'unknown_event'],
    ])('is answered by request id where it asked for an answer: %s', async (_, frame, code) => {
      const webSocket = new WebSocket(`${server.url}/api/ws/good`);
      await once(webSocket, 'message');
      for (const requestId of ['a "quoted" id', 7, -1, 0, 'x'.repeat(64)]) {
        webSocket.send(JSON.stringify({ ...frame, request_id: requestId }));
        const [answer] = (await once(webSocket, 'message')) as [Buffer];
        expect(JSON.parse(answer.toString())).toMatchObject({
          type: 'ack',
          request_id: requestId,
          ok: false,
          error: { code, status: 400, retryable: false },
        });
      }
      webSocket.close();
    });

    it('nests JSON deeply in an event that is handled, and nothing breaks', async () => {
      const client = plainClient(server.url, 'good');
      await client.session;
      client.sendRaw(`{"type":"join","room":"deep","a":${deep}}`);
      expect(await client.emitWithAck('echo', { n: 3 })).toMatchObject({ ok: true });
      client.close();
    });

    it('uses one request id for many frames, and gets an answer to each', async () => {
      const webSocket = new WebSocket(`${server.url}/api/ws/good`);
      await once(webSocket, 'message');
      const frames: unknown[] = [];
      const all = new Promise<void>((resolve) => {
        webSocket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString())) === 100 && resolve());
      });
      for (let n = 0; n < 100; n++) webSocket.send(`{"type":"echo","request_id":"same","n":${n}}`);
      await all;
      expect(frames.map((frame) => (frame as { data: { n: number } }).data.n)).toEqual(frames.map((_, n) => n));
      webSocket.close();
    });
  });

  it.each([
    ['a plain WebSocket', '/api/ws?token=good'],
    ['Socket.IO', '/socket.io/?EIO=4&transport=websocket'],
  ])('sends a frame that is too large over %s: closed with 1009', async (_, path) => {
    const webSocket = new WebSocket(server.url + path);
    await once(webSocket, 'open');
    webSocket.send('x'.repeat(limits.maxFrameBytes + 1));
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  it.each([
    ['an unknown Engine.IO packet', 'x'],
    ['nothing', ''],
    ['a ping, which only the server may', '2'],
    ['an unknown Socket.IO packet', '49'],
    ['an event', '42["echo",{}]'],
    ['an ack', '431[]'],
    ['no object as auth', '40"x"'],
    ['a namespace of Object.prototype', '40__proto__,{"token":"good"}'],
    ['a connect error', '44{"message":"x"}'],
    ['a binary packet without its data', '451-["echo",{"_placeholder":true,"num":0}]'],
    ['endless attachments', '4599999999999-["echo"]'],
    ['deep JSON as auth', `40${deep}`],
    ['binary data', Buffer.from([4, 0, 255])],
  ])('sends %s over Engine.IO before it is let in: cut off', async (_, packet) => {
    const webSocket = new WebSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    await once(webSocket, 'message');
    webSocket.send(packet);
    webSocket.send('40{"token":"good"}');
    await once(webSocket, 'close');
  });

  it('asks for another namespace over Socket.IO: there is none', async () => {
    const webSocket = new WebSocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    await once(webSocket, 'message');
    webSocket.send('40/admin,{"token":"good"}');
    const [packet] = (await once(webSocket, 'message')) as [Buffer];
    expect(packet.toString()).toBe('44/admin,{"message":"Invalid namespace"}');
    webSocket.close();
  });

  it.each([
    ['an event without a name', '42[]'],
    ['no array', '42{"a":1}'],
    ['an object as event', '42[{}]'],
    ['an event of Socket.IO', '42["disconnect"]'],
    ['an event of EventEmitter', '42["removeListener"]'],
    ['an ack that is no array', '431{}'],
    ['an endless packet id', '4299999999999999999999999999["echo",{}]'],
    ['another connect', '40{"token":"good"}'],
    ['binary data', Buffer.from([1, 2, 3])],
    ['a binary event without its data', ['451-["echo",{"_placeholder":true,"num":0}]', '42["echo"]']],
    ['a placeholder out of range', ['451-["echo",{"_placeholder":true,"num":7}]', Buffer.from('x')]],
    ['a packet for another namespace', '42/admin,["echo",{}]'],
  ])('sends %s over Socket.IO: cut off', async (_, packets) => {
    const client = socketIoClient(server.url, 'good');
    await client.session;
    for (const packet of [packets].flat()) client.sendRaw(packet);
    await client.closed;
  });

  it.each([
    ['no payload at all', '42'],
    ['a number as event', '42[1]'],
    ['the error event', '42["error","x"]'],
    ['a name of Object.prototype', '42["__proto__",{}]'],
  ])('sends %s over Socket.IO: is told so, and stays connected', async (_, packet) => {
    const client = socketIoClient(server.url, 'good');
    await client.session;
    client.sendRaw(packet);
    expect(await client.nextEvent('error')).toMatchObject({ code: 'unknown_event' });
    expect(await client.emitWithAck('echo', { n: 2 })).toMatchObject({ ok: true, data: { n: 2 } });
    client.close();
  });

  it.each([
    ['acks that nobody asked for', Array.from({ length: 1_000 }, (_, n) => `43${n}[{}]`)],
    ['deep JSON', [`42["join",${deep}]`]],
    ['binary data in an event that is handled', ['451-["join",{"_placeholder":true,"num":0}]', Buffer.from('x')]],
  ])('sends %s over Socket.IO: nothing comes of it', async (_, packets) => {
    const client = socketIoClient(server.url, 'good');
    await client.session;
    for (const packet of packets) client.sendRaw(packet);
    expect(await client.emitWithAck('echo', { n: 2 })).toMatchObject({ ok: true, data: { n: 2 } });
    client.close();
  });

  it('breaks off the WebSocket handshake, or does it wrongly', async () => {
    const ask = (lines: string[]) =>
      new Promise<string>((resolve) => {
        const tcp = connectTcp(server.port, '127.0.0.1', () => tcp.write(lines.join('\r\n') + '\r\n\r\n'));
        let answer = '';
        tcp.on('data', (data) => (answer += data.toString()));
        tcp.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''));
        tcp.on('error', () => undefined);
      });
    const head = ['GET /api/ws?token=good HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'];
    expect(await ask([...head, 'Sec-WebSocket-Key: bad', 'Sec-WebSocket-Version: 13'])).toContain(' 400 ');
    expect(await ask([...head, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 1'])).toContain(
      ' 400 ',
    );
    expect(await ask(['GET //[ HTTP/1.1', ...head.slice(1)])).toContain(' 404 ');
    expect(await ask(['GET /socket.io//[?EIO=4&transport=websocket HTTP/1.1', ...head.slice(1)])).toContain(' 400 ');
    expect(await ask(['GET /socket.io/?EIO=3&transport=websocket HTTP/1.1', ...head.slice(1)])).toContain(' 400 ');
    expect(await ask(['GET /socket.io/?EIO=4&transport=polling HTTP/1.1', 'Host: x', 'Connection: close'])).toContain(
      ' 400 ',
    );
    const tcp = connectTcp(server.port, '127.0.0.1', () => tcp.write(head.join('\r\n')));
    tcp.on('error', () => undefined);
    await once(tcp, 'connect');
    tcp.resetAndDestroy();
  });
});
