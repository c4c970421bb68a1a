import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ViewedConversation } from '@parley/contracts';
import { type ChatClient, ConnectionClosed, type Deployment, RestClient } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';

/** Windows of an hour do not end while a test runs; that of new conversations does. */
const table = {
  message_send: { limit: 6, window: 3_600, roles: { teacher: 9 } },
  conversation_create: { limit: 1, window: 1 },
  ws_connect: { limit: 4, window: 3_600 },
  api: { limit: 20, window: 3_600 },
};

type Send = (content: string) => Promise<'sent' | 'refused'>;

/** A deployment of its own, because the others are without limits. */
export function limitSuite(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>): void {
  let deployment: Deployment;
  let folder: string;
  let scene: ChatScene;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parley-limits-'));
    const file = path.join(folder, 'limits.json');
    await writeFile(file, JSON.stringify(table));
    // A busy machine must not make gateways count by themselves.
    deployment = await start({ RATE_LIMITS: 'on', RATE_LIMITS_FILE: file, RATE_LIMITS_TIMEOUT_MS: '20000' });
  });
  afterAll(async () => {
    await deployment?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => (scene = new ChatScene(deployment)));
  afterEach(() => scene.end());

  /** All ways to send: over REST and both transports, at each gateway. */
  async function waysToSend(person: Person, { id }: ViewedConversation, token = person.token): Promise<Send[]> {
    const overRest = [0, 1].map((gateway): Send => async (content) => {
      const rest = new RestClient(scene.url(gateway), token);
      const { status } = await rest.post(`/api/conversations/${id}/messages`, { content });
      return status === 429 ? 'refused' : 'sent';
    });
    const devices = [0, 1].flatMap((gateway) =>
      transports.map((transport) => person.online(transport, { gateway, token })),
    );
    const overSockets = (await Promise.all(devices)).map((device: ChatClient): Send => async (content) => {
      const ack = await device.emitWithAck('send_message', { conversation_id: id, content });
      if (!ack.ok) expect(ack.error).toMatchObject({ code: 'rate_limited', status: 429 });
      return ack.ok ? 'sent' : 'refused';
    });
    return [...overRest, ...overSockets];
  }

  it('counts what a user sends in one place, over REST and sockets, at every gateway', async () => {
    const [alice, bob] = await scene.pair();
    const conversation = await alice.openDirect(bob);
    const ways = await waysToSend(alice, conversation);
    for (const send of ways) await expect(send('Hello, Bob!')).resolves.toBe('sent');
    for (const send of ways) await expect(send('Hello, Bob!')).resolves.toBe('refused');
    await expect(bob.history(conversation.id)).resolves.toHaveLength(table.message_send.limit);
  });

  it('lets in exactly the limit of what comes at once from everywhere', async () => {
    const [alice, bob] = await scene.pair();
    const conversation = await alice.openDirect(bob);
    const ways = await waysToSend(alice, conversation);
    const outcomes = await Promise.all([...ways, ...ways].map((send) => send('Hello, Bob!')));
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(table.message_send.limit);
    await expect(bob.history(conversation.id)).resolves.toHaveLength(table.message_send.limit);
  });

  it('lets users send as often as their role may', async () => {
    const [teacher, student] = await scene.pair();
    const conversation = await teacher.openDirect(student);
    const token = teacher.sign({ app_metadata: { role: 'teacher' } });
    const ways = await waysToSend(teacher, conversation, token);
    const outcomes: string[] = [];
    for (const send of [...ways, ...ways]) outcomes.push(await send('Good morning'));
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(table.message_send.roles.teacher);
  });

  it('tells a refused sender all there is to know', async () => {
    const [alice, bob] = await scene.pair();
    const { id } = await alice.openDirect(bob);
    const send = () => alice.rest().post<object>(`/api/conversations/${id}/messages`, { content: 'Hello, Bob!' });
    const first = await send();
    expect([first.status, first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')]).toEqual([
      201,
      '6',
      '5',
    ]);
    for (let n = 1; n < table.message_send.limit; n++) await send();
    const { status, headers, body } = await send();
    const retryAfter = Number(headers.get('retry-after'));
    expect([status, headers.get('content-type')]).toEqual([429, 'application/problem+json; charset=utf-8']);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(table.message_send.window);
    expect(body).toMatchObject({
      error: 'Rate limit exceeded',
      message: 'Too many message_send requests',
      rate_limit_info: {
        limit_type: 'message_send',
        current_count: 7,
        limit: 6,
        window: 3_600,
        reset_time: Number(headers.get('x-ratelimit-reset')),
        remaining: 0,
      },
      retry_after: retryAfter,
      code: 'rate_limited',
      request_id: headers.get('x-request-id'),
    });
  });

  it('counts all requests of a user, at every gateway', async () => {
    const alice = scene.newcomer('alice');
    const statuses: number[] = [];
    for (let n = 0; n < table.api.limit + 2; n++) {
      statuses.push((await alice.rest(n).get('/api/conversations?limit=1')).status);
    }
    expect(statuses).toEqual([...Array<number>(table.api.limit).fill(200), 429, 429]);
    await expect(alice.rest().get('/health')).resolves.toMatchObject({ status: 200 });
  });

  it.each(transports)('refuses a user who opens too many sockets, over %s', async (transport) => {
    const alice = scene.newcomer('alice');
    for (let n = 0; n < table.ws_connect.limit; n++) {
      await alice.online(transports[n % 2] ?? transport, { gateway: n });
    }
    const refused = alice.connect(transport, { gateway: 1 });
    await expect(refused.session).rejects.toThrow(ConnectionClosed);
    const { code, problem } = await refused.closed;
    if (transport === 'plain') expect(code).toBe(4429);
    else expect(problem).toMatchObject({ status: 429, code: 'rate_limited', message: 'Too many ws_connect requests' });
  });

  it('lets a user in again when the time has come that it has told', async () => {
    const alice = scene.newcomer('alice');
    const create = () => alice.rest().post('/api/conversations', { type: 'group', title: 'Mine', participant_ids: [] });
    await expect(create()).resolves.toMatchObject({ status: 201 });
    for (let answer = await create(); answer.status !== 201; answer = await create()) {
      expect(answer.status).toBe(429);
      await delay(Number(answer.headers.get('retry-after')) * 1_000);
    }
  });
}
