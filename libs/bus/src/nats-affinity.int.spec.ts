import { setTimeout as delay } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { defineRpc, type ResponseOf } from '@parley/contracts';
import { describeWith } from '@parley/testing';
import { type BusProcess, startOnBus } from './bus.suite';
import { aNatsConfig, natsModules, removeStream } from './nats/nats.scene';
import { ProcessLoad } from './nats/process.load';
import { RpcHandler } from './rpc/rpc.handler';
import { Say } from './rpc/rpc.suite';

/** Calls with the same text belong together. */
const Gather = defineRpc({ ...Say, subject: 'testing.echo.gather', affinity: ({ text }) => text });

/** Those that say nothing until what is named here has come. */
const holds = new Map<string, Promise<void>>();

/** A replica that says which one it is. */
function replica(name: string) {
  @Controller()
  class ReplicaController {
    @RpcHandler(Gather)
    async gather(): Promise<ResponseOf<typeof Gather>> {
      await holds.get(name);
      return { text: name };
    }
  }
  return ReplicaController;
}

describeWith('nats')('calls over NATS that have an affinity', () => {
  const config = aNatsConfig();
  const keys = Array.from({ length: 60 }, (_, n) => `key ${n}`);
  const running: BusProcess[] = [];
  let caller: BusProcess;
  /** What all replicas say of themselves, in percent: how busy the process of this test is says nothing. */
  let load: number;

  beforeEach(async () => {
    load = 10;
    jest.spyOn(ProcessLoad.prototype, 'current').mockImplementation(() => load);
    caller = await start();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((process) => process.stop()));
    jest.restoreAllMocks();
  });
  afterAll(() => removeStream(config));

  async function start(name?: string): Promise<BusProcess> {
    const process = await startOnBus(natsModules(config), name === undefined ? [] : [replica(name)]);
    running.push(process);
    return process;
  }

  /** @returns who answers. */
  const gather = async (text: string): Promise<string> => (await caller.rpc.call(Gather, { text })).text;

  /** Who answers one call after another, each with a key of its own. */
  async function oneByOne(): Promise<string[]> {
    const names: string[] = [];
    for (const key of keys) names.push(await gather(key));
    return names;
  }

  /** Who answers the second of two calls at once with each key. */
  const atOnce = async (): Promise<string[]> => (await Promise.all([...keys, ...keys].map(gather))).slice(keys.length);

  /** Asks until all of them have been heard of: a call a second goes to any. */
  async function hearOf(...names: string[]): Promise<void> {
    const heard = new Set<string>();
    for (const endsAt = Date.now() + 25_000; Date.now() < endsAt && heard.size < names.length;) {
      for (const name of await oneByOne()) heard.add(name);
    }
    expect(heard).toEqual(new Set(names));
  }

  /** The one that answers all but those that look around. */
  function homeOf(names: readonly string[]): string {
    const [home = ''] = names.filter((name) => names.filter((other) => other === name).length > keys.length - 5);
    expect(home).not.toBe('');
    return home;
  }

  it('are answered by one replica, and by another one while that is away', async () => {
    const replicas = { one: await start('one'), two: await start('two') };
    await hearOf('one', 'two');
    const home = homeOf(await oneByOne());
    expect(homeOf(await atOnce())).toBe(home);

    const other = home === 'one' ? 'two' : 'one';
    const away = replicas[home as keyof typeof replicas];
    running.splice(running.indexOf(away), 1);
    await away.stop();
    expect(new Set(await oneByOne())).toEqual(new Set([other]));
    await start(home);
    await hearOf('one', 'two');
    homeOf(await oneByOne());
  });

  it('go to another replica while that one says nothing', async () => {
    await start('one');
    await start('two');
    await hearOf('one', 'two');
    const home = homeOf(await oneByOne());
    let goOn = (): void => undefined;
    holds.set(home, new Promise((resolve) => (goOn = resolve)));
    const pairs: Promise<string[]>[] = [];
    const answeredPairs: string[][] = [];
    // Of two calls one may look around, and go to the other one. That gets both only once this one is passed over.
    while (answeredPairs.length === 0) {
      const pair = Promise.all([gather('a'), gather('b')]);
      pairs.push(pair);
      void pair.then((names) => answeredPairs.push(names));
      await delay(10);
    }
    const answered: string[] = [];
    const later = Promise.all(keys.map(async (key) => answered.push(await gather(key))));
    while (answered.length < keys.length - 1) await delay(10);
    expect(answered).not.toContain(home);
    holds.delete(home);
    goOn();
    expect((await Promise.all(pairs)).flat()).toContain(home);
    await later;
    expect(homeOf(await oneByOne())).toBe(home);
  });

  it('are shared by all where one is full: those that come together by what they have in common', async () => {
    load = 80;
    await start('one');
    await start('two');
    await hearOf('one', 'two');
    const homes = await atOnce();
    for (const name of ['one', 'two']) expect(homes.filter((home) => home === name).length).toBeGreaterThan(5);
    const strays = (now: readonly string[]): number => now.filter((home, i) => home !== homes[i]).length;
    expect(strays(await atOnce())).toBeLessThanOrEqual(2);

    const third = await start('three');
    await hearOf('one', 'two', 'three');
    const moved = await atOnce();
    expect(moved.filter((home) => home === 'three').length).toBeGreaterThan(5);
    expect(moved.filter((home, i) => home !== homes[i] && home !== 'three').length).toBeLessThanOrEqual(2);
    running.splice(running.indexOf(third), 1);
    await third.stop();
    expect(await atOnce()).not.toContain('three');
    expect(strays(await atOnce())).toBeLessThanOrEqual(2);
  });
});
