import { Logger } from '@nestjs/common';
import { describeWith, freePort, OwnRedis, plainClient, redisForTests, socketIoClient } from '@parley/testing';
import { startTestServer, type TestServer } from '../transport.scene';

Logger.overrideLogger(false);

async function startLinked(redis: { url: string; keyPrefix: string }): Promise<TestServer> {
  const server = await startTestServer({ redis });
  await server.adapter.cluster?.linked();
  return server;
}

describeWith('redis')('gateways on one Redis', () => {
  const redis = redisForTests();
  let servers: [TestServer, TestServer];

  beforeAll(async () => {
    const options = { url: redis.url, keyPrefix: redis.prefix };
    servers = [await startLinked(options), await startLinked(options)];
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  it.each([
    ['a plain WebSocket', plainClient],
    ['Socket.IO', socketIoClient],
  ] as const)('bring an event to the sockets of the others over %s, in order', async (_, connect) => {
    const client = connect(servers[1].url, 'good');
    await client.emitWithAck('join', { room: 'shared' });
    const texts = Array.from({ length: 100 }, (_, n) => `${n}`);
    for (const text of texts) servers[0].io.to('shared').emit('said', { text });
    const heard = new Promise<unknown[]>((resolve) => {
      const said: unknown[] = [];
      client.listen(({ event, payload }) => event === 'said' && said.push(payload) === texts.length && resolve(said));
    });
    expect(await heard).toEqual(texts.map((text) => ({ text })));
    client.close();
  });

  it('keep an event to themselves where it is meant for their own sockets', async () => {
    const client = plainClient(servers[1].url, 'good');
    await client.emitWithAck('join', { room: 'local' });
    servers[0].io.local.to('local').emit('said', { text: 'not for you' });
    servers[0].io.to('local').emit('said', { text: 'for all' });
    expect(await client.nextEvent('said' as never)).toEqual({ text: 'for all' });
    client.close();
  });

  it('close the sockets of the others', async () => {
    const client = socketIoClient(servers[1].url, 'good');
    await client.emitWithAck('join', { room: 'closed' });
    servers[0].io.in('closed').disconnectSockets(true);
    await client.closed;
  });
});

describeWith('redis-server')('a gateway without its Redis', () => {
  let redis: OwnRedis;
  let server: TestServer;

  beforeAll(async () => {
    redis = await OwnRedis.start();
    server = await startLinked({ url: redis.url, keyPrefix: 'test' });
  });
  afterAll(async () => {
    await server?.close();
    await redis?.kill();
  });

  const until = async (state: boolean) => {
    while (server.adapter.cluster?.isUp() !== state) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('serves its own sockets while Redis is away, and the others again when it is back', async () => {
    const client = plainClient(server.url, 'good');
    await client.emitWithAck('join', { room: 'r' });
    await redis.kill();
    // Told from before the loss is noticed until long after.
    const texts = Array.from({ length: 50 }, (_, n) => `${n}`);
    for (const text of texts) {
      server.io.to('r').emit('said', { text });
      await new Promise(setImmediate);
    }
    await until(false);
    server.io.to('r').emit('said', { text: 'away' });
    expect(await client.nextEvent('said' as never, ({ text }) => text === 'away')).toBeDefined();
    const said = client.frames.filter(({ event }) => event === 'said').map(({ payload }) => payload);
    expect(said).toEqual([...texts, 'away'].map((text) => ({ text })));

    await redis.restart();
    await until(true);
    const other = await startTestServer({ redis: { url: redis.url, keyPrefix: 'test' } });
    while (!client.frames.some(({ payload }) => (payload as { text?: string }).text === 'back')) {
      other.io.to('r').emit('said', { text: 'back' });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await other.close();
    client.close();
  });

  it('tells whether Redis carries what it is given, which a connection that stands does not', async () => {
    const { cluster } = server.adapter;
    await until(true);
    expect(await cluster?.carries()).toBe(true);
    redis.hang();
    expect(cluster?.isUp()).toBe(true);
    expect(await cluster?.carries()).toBe(false);
    redis.goOn();
    while (!(await cluster?.carries())) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('starts and stops without it', async () => {
    const lonely = await startTestServer({
      redis: { url: `redis://127.0.0.1:${await freePort()}`, keyPrefix: 'test' },
    });
    const client = socketIoClient(lonely.url, 'good');
    await client.emitWithAck('join', { room: 'r' });
    lonely.io.to('r').emit('said', { text: 'alone' });
    expect(await client.nextEvent('said' as never)).toEqual({ text: 'alone' });
    expect(lonely.adapter.cluster?.isUp()).toBe(false);
    client.close();
    await lonely.close();
  });
});
