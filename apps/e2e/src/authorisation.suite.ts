import type { Problem } from '@parley/errors';
import type { Deployment } from '@parley/testing';
import { frameTable, operationTable, type Row } from './authorisation.table';
import { type Variant, variants } from './authorisation.variants';
import { ChatScene } from './chat.scene';
import { DocumentedApi } from './documented.api';
import { frameCalls } from './frame.calls';
import { openOperations, operationCalls, perform, performAs } from './operation.calls';
import { type Actor, actors, type Cast, castOf, Stage } from './stage';

/** These end what they are about: each actor gets one of its own. */
const ending = /^DELETE .*\/(participants|conversations)\/|leave$/;

/** Who may do what: every call and every frame, asked by everybody, on every gateway. */
export function authorisationSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  let cast: Cast;
  let api: DocumentedApi;
  /** For those who only look. */
  let gallery: Stage;

  beforeAll(async () => {
    scene = new ChatScene(deployment());
    cast = await castOf(scene);
    api = await DocumentedApi.read(scene.url());
    gallery = await Stage.set(scene, cast);
  });
  afterAll(() => scene.end());

  const verdictOf = (isDone: boolean, problem: Partial<Problem>) =>
    isDone ? 'ok' : `${problem.status ?? '?'} ${problem.code ?? JSON.stringify(problem)}`;

  /** What everybody gets; who was refused has changed nothing. The refused ask first, before others change things. */
  const judge = async (
    row: Row,
    stageFor: () => Promise<Stage>,
    ask: (stage: Stage, actor: Actor) => Promise<string>,
  ): Promise<Row> => {
    const verdicts: Partial<Record<Actor, string>> = {};
    const inOrder = [...actors].sort((a, b) => Number(row[a] === 'ok') - Number(row[b] === 'ok'));
    for (const actor of inOrder) {
      const stage = await stageFor();
      const before = row[actor] === 'ok' ? undefined : await stage.look(actor);
      verdicts[actor] = await ask(stage, actor);
      if (before) expect({ actor, after: await stage.look(actor) }).toEqual({ actor, after: before });
    }
    return verdicts as Row;
  };

  it('is told of every operation and every frame that there is', () => {
    const operations = [...api.operations.keys()].filter((name) => !openOperations.includes(name));
    expect(Object.keys(operationTable).sort()).toEqual(operations.sort());
    expect(Object.keys(frameTable).sort()).toEqual([...api.requests.keys()].sort());
  });

  it('is for those who bring a token: nobody else gets anything', async () => {
    for (const operation of api.operations.values()) {
      if (openOperations.includes(operation.name)) continue;
      const path = { id: '1', user_id: 'a', emoji: 'a' };
      const { status, body } = await perform(scene.url(), undefined, operation, { path });
      const { code } = body as Problem;
      expect({ name: operation.name, status, code }).toEqual({
        name: operation.name,
        status: 401,
        code: 'invalid_token',
      });
    }
  });

  it.each<readonly [string, Variant]>([
    ...Object.entries(operationTable).map(([name, row]) => {
      return [name, { operation: name, row, call: operationCalls[name] ?? (() => ({})) }] as const;
    }),
    ...Object.entries(variants),
  ])('%s', async (_, { operation: name, call, row }) => {
    const operation = api.operation(name);
    const isReading = name.startsWith('GET');
    const shared = ending.test(name) ? undefined : isReading ? gallery : await Stage.set(scene, cast);
    const stageFor = async () => shared ?? Stage.set(scene, cast);
    const verdicts = await judge(row, stageFor, async (stage, actor) => {
      const gateway = actors.indexOf(actor);
      const { status, body } = await performAs(stage, actor, operation, call(stage, actor), { gateway });
      return verdictOf(status < 300, body ?? {});
    });
    expect(verdicts).toEqual(row);
  });

  it.each(Object.entries(frameTable))('%s', async (event, row) => {
    const stage = await Stage.set(scene, cast);
    const transport = event.length % 2 === 0 ? 'plain' : 'socket.io';
    const payloadOf = frameCalls[event];
    if (!payloadOf) throw new Error(`there is no ${event}`);
    const verdicts = await judge(
      row,
      async () => stage,
      async (_, actor) => {
        const device = await stage.person(actor).online(transport, { gateway: actors.indexOf(actor) });
        const ack = await device.emitWithAck(event, payloadOf(stage, actor));
        device.close();
        return verdictOf(ack.ok, ack.ok ? {} : ack.error);
      },
    );
    expect(verdicts).toEqual(row);
  });
}
