import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { closeHttp, prepareDrain } from './http.drain';

describe('an HTTP server that ends', () => {
  let server: FastifyInstance;
  let port: number;
  let answer: () => void;

  const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const connected = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  beforeEach(async () => {
    server = fastify();
    prepareDrain(server);
    const answered = new Promise<void>((resolve) => (answer = resolve));
    server.get('/slow', () => answered.then(() => 'answered'));
    server.get('/fast', () => 'answered');
    await server.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = server.server.address() as AddressInfo);
  });
  afterEach(() => server.close());

  it('waits for no connection that has nothing to say, whoever closes it', async () => {
    const [silent, kept] = [await connected(), await connected()];
    kept.write(request('/fast'));
    await once(kept, 'data');
    const ends = [silent, kept].map((socket) => once(socket.resume(), 'close'));
    await server.close();
    await Promise.all(ends);
  });

  it('answers what is in flight, as the last answer of its connection', async () => {
    const busy = await connected();
    const arrived = once(server.server, 'request');
    busy.write(request('/slow'));
    await arrived;
    closeHttp(server.server);
    const closed = server.close();
    const [data, end] = [once(busy, 'data'), once(busy, 'close')];
    answer();
    expect(String(await data)).toMatch(/^HTTP\/1.1 200 .*\r\nconnection: close\r\n.*answered/s);
    await Promise.all([closed, end]);
  });

  it('refuses what comes after it began, with a problem document', async () => {
    closeHttp(server.server);
    const late = await connected();
    late.write(request('/fast'));
    const answer = String((await once(late, 'data'))[0]);
    expect(answer).toMatch(/^HTTP\/1.1 503 .*\r\nconnection: close\r\n.*"code":"service_unavailable"/s);
    expect(answer).toMatch(/content-type: application\/problem\+json/);
  });
});
