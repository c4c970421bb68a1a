import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientHeads, MessageView, ServerFrame } from '@parley/contracts';
import { type ChatClient, ConnectionClosed, type Deployment, type Transport } from '@parley/testing';
import { io as socketIo } from 'socket.io-client';
import WebSocket from 'ws';
import { ChatScene, type Person, transports } from './chat.scene';
import { printOutputAfterFailure } from './failure.output';

const maxConnections = 60;
const env = {
  WS_MAX_CONNECTIONS: String(maxConnections),
  WS_MAX_OPENING: '4',
  WS_MAX_BUFFERED_BYTES: '2097152',
  // Longer than a busy machine keeps those waiting who do as they should.
  WS_CONNECT_TIMEOUT_MS: '4000',
  HTTP_HEADERS_TIMEOUT_MS: '3000',
  HTTP_BODY_TIMEOUT_MS: '3000',
  // Who does not read answers no ping: it is to be closed for what waits for it, however long that takes to fill.
  WS_PING_TIMEOUT_MS: '300000',
};

/** Of messages that fill a line that nobody reads from: as many bytes as the characters of one may have. */
const longText = '𝄞'.repeat(5_000);
/** More than the systems on both ends keep on their own. */
const maxRounds = 400;
const perRound = 10;

interface SpokenFrame {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

/** A socket below which a test can stop reading, as a client on a bad line does; what it was told, once it reads again. */
async function lazySocket(transport: Transport, url: string, token: string) {
  const told: SpokenFrame[] = [];
  let webSocket: WebSocket;
  if (transport === 'plain') {
    webSocket = new WebSocket(`${url.replace('http', 'ws')}/api/ws?token=${token}`);
    webSocket.on('message', (data: Buffer) => {
      const { type, ...payload } = JSON.parse(data.toString()) as { type: string };
      told.push({ event: type, payload });
    });
    while (!told.some(({ event }) => event === 'session')) await once(webSocket, 'message');
  } else {
    const client = socketIo(url, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } });
    client.onAny((event: string, payload: Record<string, unknown>) => told.push({ event, payload }));
    await new Promise<void>((resolve) => client.once('session', () => resolve()));
    webSocket = (client.io.engine.transport as unknown as { ws: WebSocket }).ws;
  }
  return { told, webSocket };
}

/** Deployments of their own, with bounds that a test can reach. */
export function pressureSuite(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>): void {
  let deployment: Deployment;
  let scene: ChatScene;

  beforeAll(async () => {
    deployment = await start(env);
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
  });
  beforeEach(() => (scene = new ChatScene(deployment)));
  afterEach(() => scene.end());

  const portOf = (url: string) => Number(new URL(url).port);

  describe.each(transports)('a client that stops reading over %s', (transport) => {
    it('is spared what may be lost, then closed to come back; others notice nothing, and it misses nothing', async () => {
      const [alice, bob, carol] = (await scene.people('alice', 'bob', 'carol')) as [Person, Person, Person];
      const { id } = await alice.openGroup([bob, carol]);
      const [talker, witness] = [await alice.online('plain'), await carol.online('socket.io', { gateway: 1 })];
      const lazy = await lazySocket(transport, scene.url(), bob.token);
      while (!(await isOnline(carol, bob, id))) await delay(50);
      lazy.webSocket.pause();
      const sent: MessageView[] = [];
      // Others hear of it when the server has closed the lazy one: nobody reads there any more.
      while (sent.length < maxRounds * perRound && (await isOnline(carol, bob, id))) {
        talker.emit('typing_start', { conversation_id: id });
        const round = Array.from({ length: perRound }, (_, index) =>
          talker.send(id, { content: longText, client_message_id: `m-${sent.length + index}` }),
        );
        sent.push(...(await Promise.all(round)));
        talker.emit('typing_stop', { conversation_id: id });
      }
      const closed = once(lazy.webSocket, 'close') as Promise<[number, Buffer]>;
      lazy.webSocket.resume();
      const [code, reason] = await closed;
      expect([code, reason.toString()]).toEqual([4008, 'slow_consumer']);

      const heard = messagesOf(lazy.told);
      expect(heard.map(({ seq }) => seq)).toEqual(heard.map((_, index) => index + 1));
      expect(heard.length).toBeLessThan(sent.length);
      const typings = (frames: readonly { event: string }[]) =>
        frames.filter(({ event }) => event.startsWith('typing')).length;
      await witness.nextEvent('new_message', ({ message }) => message.seq === sent.length);
      expect(typings(lazy.told)).toBeLessThan(typings(witness.frames));
      const witnessed = messagesOf(witness.frames as readonly SpokenFrame[]);
      expect(witnessed.map(({ id: messageId }) => messageId)).toEqual(sent.map(({ id: messageId }) => messageId));

      const position = { [id]: { seq: heard.length, rev: heard.at(-1)?.rev ?? 0 } };
      expect(await missedSince(await bob.resumed(transport, position), position, id)).toBe(sent.length - heard.length);
    });
  });

  describe('a gateway that is full', () => {
    it.each(transports)(
      'turns away who comes over %s with a hint when to come back, and nobody who is in',
      async (transport) => {
        const [alice] = (await scene.people('alice')) as [Person];
        const present = await Promise.all(
          // Sixty at once may be asked to come back, too.
          Array.from({ length: maxConnections }, (_, index) =>
            eventually(() => alice.online(transports[index % 2] ?? 'plain')),
          ),
        );
        const refused = alice.connect(transport);
        if (transport === 'plain') {
          const error = await refused.nextEvent('error');
          expect(error).toMatchObject({ code: 'service_unavailable', reconnect_after_ms: expect.any(Number) });
          expect(await refused.closed).toMatchObject({ code: 1013 });
        } else {
          const { problem } = await refused.closed;
          expect(problem).toMatchObject({ status: 503, retryable: true, reconnect_after_ms: expect.any(Number) });
        }
        await expect(refused.session).rejects.toBeInstanceOf(ConnectionClosed);
        const answers = await Promise.all(present.map((device) => device.emitWithAck('ping')));
        expect(answers.every(({ ok }) => ok)).toBe(true);

        present[0]?.close();
        await present[0]?.closed;
        await eventually(() => alice.online(transport));
      },
    );

    it('takes all who come back at once, a few at a time, while others go on', async () => {
      const [alice, bob, ...many] = (await scene.people(
        ...Array.from({ length: 12 }, (_, index) => `person${index}`),
      )) as [Person, Person, ...Person[]];
      const { id } = await alice.openGroup([bob, ...many]);
      const [talker, listener] = [await alice.online('plain'), await bob.online('socket.io')];
      const all = many.flatMap((person, index) => [0, 1, 2, 3].map(() => [person, transports[index % 2]] as const));
      const before = await Promise.all(all.map(([person, transport = 'plain']) => person.online(transport)));
      const talk = sendSteadily(talker, id, 40);
      for (const device of before) device.drop();
      const after = await Promise.all(
        all.map(([person, transport = 'plain']) => eventually(() => person.online(transport))),
      );
      await talk;
      const [last] = [await talker.send(id, { content: 'all here?' })];
      for (const device of [listener, ...after]) {
        await device.nextEvent('new_message', ({ message }) => message.id === last.id);
      }
      expect(messagesOf(listener.frames as readonly SpokenFrame[])).toHaveLength(41);
    });
  });

  describe('who is never let in', () => {
    /** Resolves when the server has had enough of it. */
    const cutOff = async (text: string): Promise<void> => {
      const tcp = connectTcp(portOf(scene.url()), '127.0.0.1', () => tcp.write(text));
      tcp.on('error', () => undefined);
      tcp.resume();
      await once(tcp, 'close');
    };

    it.each([
      ['says nothing at all', ''],
      ['never ends its headers', 'GET /api/users/me HTTP/1.1\r\nHost: x\r\n'],
      ['never ends its upgrade', 'GET /api/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'],
      [
        'never ends its body',
        'POST /api/conversations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      ],
    ])('is cut off when it %s', (_, text) => cutOff(text));

    it('is cut off when it never asks to be let in over Engine.IO', async () => {
      const webSocket = new WebSocket(`${scene.url()}/socket.io/?EIO=4&transport=websocket`);
      await once(webSocket, 'close');
    });

    it('takes nobody else’s place', async () => {
      const idle = Array.from(
        { length: 200 },
        () => new WebSocket(`${scene.url()}/socket.io/?EIO=4&transport=websocket`),
      );
      const ends = idle.map((webSocket) => once(webSocket, 'close'));
      await Promise.all(idle.map((webSocket) => once(webSocket, 'open')));
      const [alice] = (await scene.people('alice')) as [Person];
      for (const transport of transports) {
        await expect((await alice.online(transport)).emitWithAck('ping')).resolves.toMatchObject({ ok: true });
      }
      await Promise.all(ends);
    });
  });
}

/** Is the user a participant that the viewer sees as online? */
async function isOnline(viewer: Person, user: Person, conversationId: string): Promise<boolean> {
  const { body } = await viewer
    .rest()
    .get<{ users: { id: string }[] }>(`/api/conversations/${conversationId}/online-users`);
  return body.users.some(({ id }) => id === user.id);
}

function messagesOf(frames: readonly SpokenFrame[]): MessageView[] {
  return frames.flatMap(({ event, payload }) =>
    event === 'new_message' ? [(payload as ServerFrame<'new_message'>).message] : [],
  );
}

/** How many messages a device is told of that came back with these heads. */
async function missedSince(device: ChatClient, heads: ClientHeads, id: string): Promise<number> {
  let page = device.frames.find(({ event }) => event === 'synced')?.payload as ServerFrame<'synced'>;
  let count = messagesIn(page, id).length;
  while (page.has_more) {
    const last = messagesIn(page, id).at(-1);
    const at = { seq: last?.seq ?? 0, rev: page.conversations[id]?.rev ?? 0 };
    const ack = await device.emitWithAck<ServerFrame<'synced'>>('sync', { heads: { ...heads, [id]: at } });
    if (!ack.ok) throw new Error(ack.error.detail);
    page = ack.data;
    count += messagesIn(page, id).length;
  }
  return count;
}

function messagesIn(page: ServerFrame<'synced'>, id: string): readonly MessageView[] {
  return page.conversations[id]?.messages ?? [];
}

async function sendSteadily(device: ChatClient, conversationId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await device.send(conversationId, { content: `n${n}` });
}

/** Tries again for as long as it takes. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await delay(50);
    }
  }
}
