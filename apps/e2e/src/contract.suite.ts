import { randomUUID } from 'node:crypto';
import type { ScheduledMessageView } from '@parley/contracts';
import { aPng, type Deployment, type RestAnswer } from '@parley/testing';
import { ChatScene, transports } from './chat.scene';
import { DocumentedApi, type Operation } from './documented.api';
import { hearEverything } from './event.scenario';
import { uploadOne } from './file.scene';
import { frameCalls } from './frame.calls';
import { type Call, openOperations, operationCalls, perform, performAs } from './operation.calls';
import { type Cast, castOf, Stage } from './stage';

/** Decimal, and not the id of anything; no user has it either. */
const unknownId = '9007199254740993';

/** Cannot be made to happen from outside: after an outage, and when a server ends. */
const unheard = ['resync', 'draining'];

/** What the documents promise is what is answered: every operation, every frame, every event. */
export function contractSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let cast: Cast;
  let api: DocumentedApi;
  /** For what only looks. */
  let gallery: Stage;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    cast = await castOf(scene);
    api = await DocumentedApi.read(scene.url());
    gallery = await Stage.set(scene, cast);
  });
  afterAll(() => scene.end());

  const expectDocumented = (operation: Operation, answer: RestAnswer): void =>
    expect({ name: operation.name, mistakes: api.mistakesOf(operation, answer) }).toEqual({
      name: operation.name,
      mistakes: [],
    });

  it('is tried with all that is documented', () => {
    expect([...Object.keys(operationCalls), ...openOperations].sort()).toEqual([...api.operations.keys()].sort());
    expect(Object.keys(frameCalls).sort()).toEqual([...api.requests.keys()].sort());
  });

  it.each(openOperations)('%s', async (name) => {
    const operation = api.operation(name);
    const body = operation.method === 'POST' ? { user_id: `dev-${randomUUID()}` } : undefined;
    const answer = await perform(scene.url(), undefined, operation, { body });
    expectDocumented(operation, answer);
    // Where the issuer is off, its route is not there.
    expect(answer.status).toBe(name.includes('dev-token') ? 404 : 200);
  });

  describe.each(Object.entries(operationCalls))('%s', (name, callOf) => {
    let operation: Operation;
    beforeAll(() => {
      operation = api.operation(name);
    });

    it('answers what it says', async () => {
      const stage = name.startsWith('GET') ? gallery : await Stage.set(scene, cast);
      const call = { ...callOf(stage, 'admin'), ...(await special(name, stage)) };
      const isOwners = name === 'DELETE /api/scheduled/{id}';
      // Of the product too, for what only its own server may do.
      const token = (isOwners ? cast.owner : cast.admin).sign({ role: 'admin' });
      const answer = await performAs(stage, 'admin', operation, call, { token });
      expectDocumented(operation, answer);
      expect(answer.status).toBeLessThan(300);
    });

    it('refuses as it says', async () => {
      for (const { token, ...call } of wrongCalls(operation)) {
        const answer = await perform(scene.url(), token ? cast.admin : undefined, operation, call);
        expectDocumented(operation, answer);
        expect({ call, isRefused: answer.status >= 400 && answer.status < 500 }).toEqual({ call, isRefused: true });
      }
    });
  });

  it('a repeated request to schedule is answered as it says, whatever became of the message', async () => {
    const { group } = await Stage.set(scene, cast);
    const ears = await cast.admin.online('plain');
    const operation = api.operation('POST /api/conversations/{id}/messages');
    const ask = async (body: object) => {
      const answer = await perform(scene.url(), cast.owner, operation, { path: { id: group.id }, body });
      expectDocumented(operation, answer);
      return answer.body as ScheduledMessageView;
    };
    const schedule = (inMs: number) => ({
      content: 'Later',
      client_message_id: randomUUID(),
      send_at: new Date(Date.now() + inMs).toISOString(),
    });
    const [due, unwanted] = [schedule(2_000), schedule(3_600_000)];
    await ask(due);
    await cast.owner.rest().call('DELETE', `/api/scheduled/${(await ask(unwanted)).id}`);
    expect(await ask(unwanted)).toMatchObject({ status: 'cancelled', message_id: null, seq: null });
    const { message } = await ears.nextEvent(
      'new_message',
      ({ message }) => message.client_message_id === due.client_message_id,
    );
    expect(await ask(due)).toMatchObject({ status: 'sent', message_id: message.id, seq: message.seq });
    ears.close();
  });

  describe.each(transports)('over %s', (transport) => {
    it.each(Object.entries(frameCalls))('%s is answered as it says', async (event, payloadOf) => {
      const stage = event.endsWith('_message') ? await Stage.set(scene, cast) : gallery;
      const device = await cast.admin.online(transport);
      const done = await device.emitWithAck(event, payloadOf(stage, 'admin'));
      expect(done).toMatchObject({ ok: true });
      const { required = [] } = (api.requests.get(event)?.payload ?? {}) as { readonly required?: readonly string[] };
      const refused = await device.emitWithAck(event, event === 'ping' ? {} : { message_id: unknownId, heads: 1 });
      if (required.length > 0) expect(refused).toMatchObject({ ok: false });
      expect([done, refused].flatMap((ack) => api.mistakesOfAck(event, ack))).toEqual([]);
      device.close();
    });

    it('every event is what it says', async () => {
      const heard = await hearEverything(scene, transport);
      expect([...new Set(heard.flatMap(({ event, payload }) => api.mistakesOfEvent(event, payload)))]).toEqual([]);
      const names = new Set(heard.map(({ event }) => event));
      expect(api.events.filter((event) => !names.has(event)).sort()).toEqual(unheard.toSorted());
    });
  });

  /** Of a picture that is smaller when it is compressed. */
  async function special(name: string, { group }: Stage): Promise<Call> {
    if (name !== 'GET /api/files/{id}/compressed') return {};
    const picture = aPng({ width: 300, height: 200, isNoise: true });
    return { path: { id: (await uploadOne(scene.url(), cast.admin, group.id, picture)).id } };
  }
}

/** Without a token; about what is not there; with a body that is none. */
function wrongCalls({ path, method, body }: Operation): (Call & { readonly token: boolean })[] {
  const values = { id: unknownId, user_id: unknownId, emoji: 'a' };
  return [
    { token: false, path: values },
    ...(path.includes('{id}') ? [{ token: true, path: values, body: body && {} }] : []),
    ...(body && method !== 'GET' ? [{ token: true, path: values, body: [] }] : []),
  ];
}
