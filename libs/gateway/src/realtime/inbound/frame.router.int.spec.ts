import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type ChatClient, plainClient, socketIoClient } from '@parley/testing';
import { z } from 'zod';
import type { ChatSocket as ClientSocket } from '../session/chat.socket';
import { RealtimeAdapter } from '../transport/realtime.adapter';
import { limits } from '../transport/transport.scene';
import { webSocketOf } from '../transport/connection/web.socket';
import { ChatSocket } from './chat-socket.decorator';
import { OnFrame } from './frame.handler';
import { discardFrames, framesAnswered, holdFrames, releaseFrames } from './frame.router';

/** The socket that came last. */
let socket: ClientSocket;
const handled: number[] = [];

@ChatSocket()
class HeldSocket {
  handleConnection(connected: ClientSocket): void {
    holdFrames(connected);
    socket = connected;
  }

  @OnFrame('say', z.object({ n: z.number() }))
  say({ n }: { n: number }): void {
    handled.push(n);
  }

  @OnFrame('ping', z.unknown())
  ping(): void {}
}

@Module({ providers: [HeldSocket] })
class TestModule {}

describe.each([
  ['a plain WebSocket', plainClient],
  ['Socket.IO', socketIoClient],
] as const)('before its session, a frame over %s', (_, connect) => {
  let app: NestFastifyApplication;
  let client: ChatClient;
  let heard: string[];

  const say = (n: number) => client.emitWithAck('say', { n }).then(() => heard.push(`ack ${n}`));

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    app.useWebSocketAdapter(new RealtimeAdapter(app, { realtime: limits, http: { corsOrigins: [] } }));
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    handled.length = 0;
    heard = [];
    client = connect(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`, 'ann');
    client.listen(({ event }) => heard.push(event));
    // Heartbeats are answered at any time.
    expect(await client.emitWithAck('ping')).toMatchObject({ ok: true });
  });
  afterEach(() => client.close());

  it('is answered after it, in order', async () => {
    const answers = [say(1), say(2)];
    expect(await client.emitWithAck('ping')).toMatchObject({ ok: true });
    expect([handled, heard]).toEqual([[], []]);
    socket.emit('session', {} as never);
    releaseFrames(socket);
    await Promise.all([...answers, say(3)]);
    expect(heard).toEqual(['session', 'ack 1', 'ack 2', 'ack 3']);
    expect(handled).toEqual([1, 2, 3]);
  });

  it('counts as unanswered: who says too much is not read from', async () => {
    const answers = Array.from({ length: 300 }, (_each, n) => say(n));
    while (!webSocketOf(socket.conn).isPaused) await new Promise(setImmediate);
    expect(await Promise.race([framesAnswered(socket), Promise.resolve('waits')])).toBe('waits');
    const all = framesAnswered(socket);
    releaseFrames(socket);
    await Promise.all([...answers, all]);
    expect(webSocketOf(socket.conn).isPaused).toBe(false);
    expect(handled).toHaveLength(300);
  });

  it('is never handled where none comes', async () => {
    const answer = say(1);
    await client.emitWithAck('ping');
    discardFrames(socket);
    await framesAnswered(socket);
    socket.disconnect(true);
    await expect(answer).rejects.toThrow();
    expect(handled).toEqual([]);
  });
});
