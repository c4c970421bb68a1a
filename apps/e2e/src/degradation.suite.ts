import { setTimeout as delay } from 'node:timers/promises';
import type { MessageView, ServerFrame } from '@parley/contracts';
import {
  type ChatClient,
  type Deployment,
  FrameRefused,
  natsForTests,
  redisForTests,
  RestClient,
  TcpProxy,
  testDatabase,
} from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { printOutputAfterFailure } from './failure.output';
import { SteadyLoad } from './steady.load';

/** How long each outage lasts, in milliseconds: longer than a send waits for its answer. */
const outageMs = 6_500;
/** A gateway gives up a send after 5 s; the rest is the test's own machine. In milliseconds. */
const answerMs = 15_000;

type ServiceName = 'postgres' | 'nats' | 'redis';
type Proxies = Readonly<Record<ServiceName, TcpProxy>>;

interface Health {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly status: string }>>;
}

const kinds = [
  { how: 'refuses', begin: (proxy: TcpProxy) => proxy.cut(), end: (proxy: TcpProxy) => proxy.open() },
  {
    how: 'hangs',
    begin: (proxy: TcpProxy) => Promise.resolve(proxy.freeze()),
    end: (proxy: TcpProxy) => Promise.resolve(proxy.thaw()),
  },
] as const;

/** A cluster of its own, whose services can be taken away: all but the database through proxies in the environment alone. */
export function degradationSuite(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>): void {
  let proxies: Proxies;
  let deployment: Deployment;
  let scene: ChatScene;
  let cleanUp: () => Promise<void>;

  beforeAll(async () => {
    const database = await testDatabase();
    const targets = { postgres: database.url, nats: natsForTests().url, redis: redisForTests().url };
    proxies = {
      postgres: proxyOf(targets.postgres, 5_432),
      nats: proxyOf(targets.nats, 4_222),
      redis: proxyOf(targets.redis, 6_379),
    };
    await Promise.all(Object.values(proxies).map((proxy) => proxy.open()));
    deployment = await start({
      DATABASE_URL: through(proxies.postgres, targets.postgres),
      NATS_URL: through(proxies.nats, targets.nats),
      REDIS_URL: through(proxies.redis, targets.redis),
    });
    cleanUp = async () => {
      printOutputAfterFailure(deployment);
      await deployment.stop();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.cut()));
      await database.drop();
    };
  });
  afterAll(() => cleanUp?.());
  beforeEach(() => (scene = new ChatScene(deployment)));
  afterEach(async () => {
    await scene.end();
    await Promise.all(deployment.names().map((name) => healthOf(name, 'healthy')));
  });

  const healthOf = async (name: string, wanted: string): Promise<Health> => {
    const rest = new RestClient(deployment.url(name));
    for (;;) {
      const { body } = await rest.get<Health>('/health/detailed');
      if (body.status === wanted) return body;
      await delay(50);
    }
  };
  const probe = async (name: string, path: string) => (await new RestClient(deployment.url(name)).get(path)).status;

  describe.each(kinds)('while $how', ({ begin, end }) => {
    /** Whatever is away: who is connected stays so, and what was said is neither lost nor doubled. */
    const survives = async (service: ServiceName): Promise<void> => {
      const load = await SteadyLoad.start(scene);
      await load.further(200);
      await begin(proxies[service]);
      await delay(outageMs);
      await end(proxies[service]);
      await load.further(200);
      await expect(load.finish()).resolves.toEqual([]);
      expect(load.reconnects).toBe(0);
    };

    it.each(['postgres', 'nats', 'redis'] as const)(
      '%s: nothing acknowledged is lost, sockets stay open, and all goes on by itself',
      survives,
    );

    it.each(['postgres', 'nats'] as const)(
      '%s: sends and reads answer 503 in time, to be repeated; a repeated send is stored once',
      async (service) => {
        const [alice, bob] = await scene.pair();
        const { id } = await alice.openGroup([bob]);
        const devices = await Promise.all(transports.map((transport) => alice.online(transport)));
        const listener = await bob.online('plain', { gateway: 1 });
        await begin(proxies[service]);
        const refusals = await Promise.all([
          ...devices.map((device) => refusalOf(device, id, `over ${device.transport}`)),
          refusalOverRest(alice, id, 'over rest'),
        ]);
        for (const refusal of refusals) {
          expect(refusal).toMatchObject({ status: 503, code: 'service_unavailable', retryable: true });
        }
        expect((await alice.rest().get(`/api/conversations/${id}/messages`)).status).toBe(503);
        for (const name of deployment.names('gateway')) {
          const { checks } = await healthOf(name, 'unhealthy');
          expect(checks[service === 'nats' ? 'bus' : service]).toMatchObject({ status: 'down' });
          expect([await probe(name, '/health'), await probe(name, '/health/ready')]).toEqual([503, 200]);
          expect(await probe(name, '/health/live')).toBe(200);
        }
        const answers = await Promise.all([...devices, listener].map((device) => device.emitWithAck('ping')));
        expect(answers.every(({ ok }) => ok)).toBe(true);
        await end(proxies[service]);

        const contents = [...devices.map(({ transport }) => `over ${transport}`), 'over rest'];
        for (const content of contents) await eventuallySent(alice, id, content);
        const shown = await Promise.all(contents.map((content) => shownTo(listener, content)));
        const history = await bob.history(id, 1);
        expect(history.map(({ content }) => content).sort()).toEqual([...contents].sort());
        expect(shown.map(({ message }) => message.id).sort()).toEqual(history.map((message) => message.id).sort());
      },
    );

    it('redis: messages flow, presence is unknown, and health is degraded', async () => {
      const [alice, bob] = await scene.pair();
      const { id } = await alice.openGroup([bob]);
      const [sender, listener] = [await alice.online('socket.io'), await bob.online('plain', { gateway: 1 })];
      await begin(proxies.redis);
      for (const name of deployment.names('gateway')) {
        const { checks } = await healthOf(name, 'degraded');
        expect(checks['redis']).toMatchObject({ status: 'down' });
        expect(await probe(name, '/health')).toBe(200);
      }
      const message = await sender.send(id, { content: 'without Redis' });
      expect((await shownTo(listener, 'without Redis')).message.id).toBe(message.id);
      expect(await alice.send(id, { content: 'over rest' })).toMatchObject({ seq: 2 });
      const late = await bob.online('socket.io', { gateway: 1 });
      await sender.send(id, { content: 'to a newcomer' });
      await shownTo(late, 'to a newcomer');
      const { status, body } = await alice
        .rest()
        .get<{ statuses: { status: string }[] }>(`/api/users/status?user_ids=${bob.id}`);
      expect([status, body.statuses[0]?.status]).toEqual([200, 'offline']);
      await end(proxies.redis);
    });
  });
}

function proxyOf(url: string, defaultPort: number): TcpProxy {
  const { hostname, port } = new URL(url);
  return new TcpProxy({ hostname, port: Number(port || defaultPort) });
}

function through(proxy: TcpProxy, url: string): string {
  const target = new URL(url);
  target.hostname = '127.0.0.1';
  target.port = String(proxy.port);
  return target.href;
}

/** Why a send is refused, which has to be told in time. */
async function refusalOf(device: ChatClient, id: string, content: string): Promise<unknown> {
  const send = device.send(id, { content, client_message_id: content });
  return inTime(send.catch((error: unknown) => (error instanceof FrameRefused ? error.problem : error)));
}

async function refusalOverRest(person: Person, id: string, content: string): Promise<unknown> {
  const body = { content, client_message_id: content };
  const answer = await inTime(person.rest().post(`/api/conversations/${id}/messages`, body));
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  return answer.body;
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = delay(answerMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${answerMs} ms`);
  });
  return Promise.race([work, late]);
}

/** The same send again, under the same key, until it is taken. */
async function eventuallySent(person: Person, id: string, content: string): Promise<MessageView> {
  for (;;) {
    const answer = await person
      .rest()
      .post<MessageView>(`/api/conversations/${id}/messages`, { content, client_message_id: content });
    if (answer.status === 201) return answer.body;
    expect(answer.status).toBe(503);
    await delay(50);
  }
}

/** What a device is shown of a message, once. */
async function shownTo(device: ChatClient, content: string): Promise<ServerFrame<'new_message'>> {
  const frame = await device.nextEvent('new_message', ({ message }) => message.content === content);
  return frame;
}
