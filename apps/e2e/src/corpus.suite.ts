import type { Problem } from '@parley/errors';
import type { ChatClient, Deployment, RestAnswer } from '@parley/testing';
import { Ajv2020 } from 'ajv/dist/2020';
import { ChatScene, transports } from './chat.scene';
import { looseBodies, spoilt, strangeBodies, strangeCursors, strangeValues, strangeWords } from './corpus';
import { DocumentedApi, type Operation } from './documented.api';
import { frameCalls } from './frame.calls';
import { type Call, operationCalls, performAs } from './operation.calls';
import { castOf, Stage } from './stage';

type Schema = Readonly<Record<string, unknown>>;

const formRoutes = ['PUT /api/messages/{id}', 'PATCH /api/messages/{id}'];
const formType = 'application/x-www-form-urlencoded';
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Every call and every frame, fed with what they should not get: refused, told where, and never our fault. */
export function corpusSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let stage: Stage;
  let api: DocumentedApi;
  let token: string;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    stage = await Stage.set(scene, await castOf(scene));
    api = await DocumentedApi.read(scene.url());
    token = stage.cast.admin.sign({ role: 'admin' });
  });
  afterAll(() => scene.end());

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  /** Whether the documents say that a value may stand there. */
  const isAllowed = (schema: Schema, value: unknown): boolean =>
    ajv.validate({ ...schema, components: api.components }, value);
  const ask = (operation: Operation, call: Call): Promise<RestAnswer> =>
    performAs(stage, 'admin', operation, call, { token });

  /** Answers that are refusals must be told as documented; what is none of our fault must not be called so. */
  const expectNoFault = (operation: Operation, answer: RestAnswer, sent: unknown): void => {
    const { status, body } = answer;
    if (status >= 500) throw new Error(`${operation.name} answered ${status} to ${brief(sent)}`);
    const mistakes = status >= 400 ? api.mistakesOf(operation, answer) : [];
    expect({ sent: brief(sent), mistakes }).toEqual({ sent: brief(sent), mistakes: [] });
    if (status === 422) expect((body as Problem).code).not.toBe('internal_error');
  };
  const expectRefusal = (operation: Operation, answer: RestAnswer, sent: unknown): void => {
    expectNoFault(operation, answer, sent);
    expect({ sent: brief(sent), status: answer.status >= 400 }).toEqual({ sent: brief(sent), status: true });
  };

  const goodCall = (name: string): Call => operationCalls[name]?.(stage, 'admin') ?? {};

  const withBody = Object.keys(operationCalls).filter((name) => /^(POST|PUT|PATCH)/.test(name));

  describe.each(withBody)('the body of %s', (name) => {
    it('is refused where it is none', async () => {
      const operation = api.operation(name);
      if (!operation.body) return;
      for (const [what, raw, type] of strangeBodies) {
        const answer = await ask(operation, { ...goodCall(name), raw, type });
        expectRefusal(operation, answer, what);
      }
      const form = await ask(operation, { ...goodCall(name), raw: 'x=1', type: formType });
      expect(form.status).toBe(formRoutes.includes(name) || name.includes('participants/{') ? form.status : 415);
      expectNoFault(operation, form, 'a form');
      for (const raw of looseBodies) {
        expectNoFault(operation, await ask(operation, { ...goodCall(name), raw }), raw);
      }
    });

    it('is refused with the place of what does not fit', async () => {
      const operation = api.operation(name);
      if (!operation.body) return;
      const call = goodCall(name);
      const properties = (api.resolve(operation.body)['properties'] ?? {}) as Readonly<Record<string, Schema>>;
      for (const [field, schema] of Object.entries(properties)) {
        for (const value of strangeValues) {
          const answer = await ask(operation, { ...call, body: { ...(call.body as object), [field]: value } });
          expectNoFault(operation, answer, { [field]: value });
          if (isAllowed(schema, value)) continue;
          const { code, errors } = answer.body as Problem;
          const told = { sent: brief({ [field]: value }), code, isPlaceTold: isAbout(field, errors) };
          expect(told).toEqual({ ...told, code: 'validation_failed', isPlaceTold: true });
        }
      }
    });
  });

  it.each(Object.keys(operationCalls))('%s stands every query', async (name) => {
    const operation = api.operation(name);
    for (const { name: parameter, in: place } of operation.parameters) {
      if (place !== 'query') continue;
      for (const word of parameter === 'cursor' ? strangeCursors : strangeWords) {
        for (const query of [`${parameter}=${word}`, `${parameter}=${word}&${parameter}=${word}`]) {
          expectNoFault(operation, await ask(operation, { ...goodCall(name), query }), query);
        }
      }
    }
  });

  it.each(Object.keys(operationCalls).filter((name) => name.startsWith('GET')))(
    '%s stands cursors that were changed',
    async (name) => {
      const operation = api.operation(name);
      if (!operation.parameters.some((parameter) => parameter.name === 'cursor')) return;
      const page = new URLSearchParams(goodCall(name).query ?? '');
      page.set('limit', '1');
      const { body } = await ask(operation, { ...goodCall(name), query: page.toString() });
      const { next_cursor: cursor } = body as { readonly next_cursor: string | null };
      for (const query of (cursor === null ? [] : spoilt(cursor)).map((each) => `${page.toString()}&cursor=${each}`)) {
        expectNoFault(operation, await ask(operation, { query }), query);
      }
    },
  );

  it.each(Object.keys(operationCalls).filter((name) => name.includes('{')))('%s stands every path', async (name) => {
    const operation = api.operation(name);
    for (const parameter of operation.path.match(/\{\w+\}/g) ?? []) {
      for (const word of strangeWords.filter((each) => each !== '')) {
        const path = operation.path.replace(parameter, word);
        const answer = await ask({ ...operation, path }, goodCall(name));
        if (answer.status >= 500) throw new Error(`${operation.method} ${path} answered ${answer.status}`);
      }
    }
  });

  it('refuses methods that a path does not have, and tells which there are', async () => {
    const values = { id: '1', user_id: 'a', emoji: 'a' };
    const paths = [...new Set([...api.operations.values()].map(({ path }) => path))];
    for (const path of paths) {
      const others = paths.filter((each) => matches(each, path));
      for (const method of methods.filter((each) => !others.some((other) => api.operations.has(`${each} ${other}`)))) {
        const name = `${method} ${path}`;
        const { status, headers, body } = await ask(
          { ...api.operation('GET /health'), method, path },
          { path: values },
        );
        expect({ name, status, code: (body as Problem).code }).toEqual({
          name,
          status: 405,
          code: 'method_not_allowed',
        });
        expect(headers.get('allow')).not.toContain(method);
      }
    }
  });

  describe.each(transports)('a frame over %s', (transport) => {
    let device: ChatClient;
    beforeAll(async () => {
      device = await stage.cast.admin.online(transport);
    });

    it.each(Object.entries(frameCalls))('%s is refused where it is not what it should be', async (event, payloadOf) => {
      const good = payloadOf(stage, 'admin') as Readonly<Record<string, unknown>>;
      const payload = api.resolve(api.requests.get(event)?.payload ?? {});
      for (const [field, schema] of Object.entries((payload['properties'] ?? {}) as Record<string, Schema>)) {
        for (const value of strangeValues) {
          const ack = await device.emitWithAck(event, { ...good, [field]: value });
          const sent = brief({ [field]: value });
          expect({ sent, mistakes: api.mistakesOfAck(event, ack) }).toEqual({ sent, mistakes: [] });
          if (!ack.ok && ack.error.status >= 500) throw new Error(`${event} failed for ${sent}: ${ack.error.code}`);
          if (isAllowed(schema, value)) continue;
          expect({ sent, ack }).toMatchObject({ sent, ack: { ok: false, error: { code: 'validation_failed' } } });
          expect({ sent, isPlaceTold: !ack.ok && isAbout(field, ack.error.errors) }).toEqual({
            sent,
            isPlaceTold: true,
          });
        }
      }
      await expect(device.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    });
  });
}

/** Whether a path that is asked for is one that the document writes with parameters. */
function matches(documented: string, asked: string): boolean {
  const [ours, theirs] = [documented.split('/'), asked.split('/')];
  return ours.length === theirs.length && ours.every((part, i) => part.startsWith('{') || part === theirs[i]);
}

const isAbout = (field: string, errors: Problem['errors']): boolean =>
  errors?.some(({ path }) => path === field || path.startsWith(`${field}.`)) ?? false;

function brief(sent: unknown): string {
  const json = typeof sent === 'string' ? sent : (JSON.stringify(sent) ?? String(sent));
  return json.length > 120 ? `${json.slice(0, 120)}… (${json.length})` : json;
}
