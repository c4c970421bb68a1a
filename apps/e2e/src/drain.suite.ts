import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageView } from '@parley/contracts';
import { type ChatClient, type Deployment, RestClient } from '@parley/testing';
import { ChatScene, type Person, transports } from './chat.scene';
import { printOutputAfterFailure } from './failure.output';
import { SteadyLoad } from './steady.load';

const drainSeconds = 5;
const devicesOfEach = 8;
/** A device that is told to go no sooner than this, in milliseconds, has had time to be read from. */
const surelyReadMs = 2_000;
/** By how much timers of two processes may differ, in milliseconds. */
const timerStepMs = 20;
/** What a process may take to end besides its drain, in milliseconds: far less than HTTP connections live. */
const promptMs = 8_000;

/** A cluster of its own, of two gateways and two messaging processes, which takes its time to drain. */
export function drainSuite(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>): void {
  let deployment: Deployment;
  let scene: ChatScene;

  beforeAll(async () => {
    deployment = await start({ DRAIN_SECONDS: String(drainSeconds) });
  });
  afterAll(async () => {
    printOutputAfterFailure(deployment);
    await deployment?.stop();
  });
  beforeEach(() => (scene = new ChatScene(deployment)));
  afterEach(() => scene.end());

  describe('a gateway that is told to stop', () => {
    let people: [Person, Person];
    let conversationId: string;
    let devices: ChatClient[];

    beforeEach(async () => {
      people = (await scene.people('alice', 'bob')) as [Person, Person];
      ({ id: conversationId } = await people[0].openGroup([people[1]]));
      devices = await Promise.all(
        Array.from({ length: 2 * devicesOfEach }, (_, index) =>
          people[0].online(transports[index % 2] ?? 'plain', { gateway: 0 }),
        ),
      );
    });
    afterEach(() => deployment.restart('gateway-1'));

    it('is not ready from then on, lives until it ends, and lets nobody in', async () => {
      const gone = deployment.kill('gateway-1', 'SIGTERM');
      await devices[0]?.nextEvent('draining');
      // All of it at once, while the gateway is there.
      const rest = new RestClient(deployment.url('gateway-1'));
      const probes = ['/health/ready', '/health', '/health/live'].map((path) => rest.get(path));
      const late = transports.map((transport) => people[1].connect(transport, { gateway: 0 }).session);
      expect((await Promise.all(probes)).map(({ status }) => status)).toEqual([503, 503, 200]);
      for (const session of late) await expect(session).rejects.toThrow();
      await expect(people[1].online('plain', { gateway: 1 })).resolves.toBeDefined();
      await expect(gone).resolves.toEqual({ code: 0, signal: null });
    });

    it('sends its sockets away one after another, each when it said', async () => {
      const startedAt = performance.now();
      const gone = deployment.kill('gateway-1', 'SIGTERM');
      const ends = await Promise.all(
        devices.map(async (device) => {
          const { reconnect_after_ms: hintMs } = await device.nextEvent('draining');
          const { code } = await device.closed;
          return { hintMs, code, afterMs: performance.now() - startedAt };
        }),
      );
      expect(ends.every(({ code }) => code === 4000)).toBe(true);
      const hints = ends.map(({ hintMs }) => hintMs).sort((a, b) => a - b);
      expect(new Set(hints).size).toBe(devices.length);
      expect(hints.at(-1)).toBeLessThanOrEqual(drainSeconds * 1_000);
      // Whoever hears it may be late, never early.
      for (const { hintMs, afterMs } of ends) expect(afterMs).toBeGreaterThanOrEqual(hintMs - timerStepMs);
      await expect(gone).resolves.toEqual({ code: 0, signal: null });
    });

    it('answers what it was asked before', async () => {
      const acked: string[] = [];
      const unanswered: string[] = [];
      const farewells = devices.map(async (device, index) => {
        const { reconnect_after_ms: hintMs } = await device.nextEvent('draining');
        if (hintMs < surelyReadMs) return;
        const words = Array.from({ length: 5 }, (_, n) => `farewell ${index}.${n}`);
        await Promise.all(
          words.map((content) =>
            device.send(conversationId, { content, client_message_id: content }).then(
              () => acked.push(content),
              () => unanswered.push(content),
            ),
          ),
        );
      });
      const rest = sendOverRest(people[1], conversationId);
      await deployment.kill('gateway-1', 'SIGTERM');
      await Promise.all(farewells);
      expect(unanswered).toEqual([]);
      const { sent, statuses } = await rest.stop();
      expect(statuses.filter((status) => status !== 201 && status !== 503)).toEqual([]);
      const history = (await people[1].history(conversationId, 1)).map(({ content }) => content);
      for (const content of [...acked, ...sent]) expect(history.filter((each) => each === content)).toHaveLength(1);
    });
  });

  it.each(['gateway-1', 'messaging-1', 'presence-1', 'media-1'])(
    '%s waits for no connection that says nothing, and for none that is kept for a next request',
    async (name) => {
      const { hostname, port } = new URL(deployment.url(name));
      const [silent, kept] = [connect(Number(port), hostname), connect(Number(port), hostname)];
      await Promise.all([silent, kept].map((socket) => once(socket, 'connect')));
      kept.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(kept, 'data');
      const ends = [silent, kept].map((socket) => once(socket.resume(), 'close'));
      const startedAt = performance.now();
      await expect(deployment.kill(name, 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
      expect(performance.now() - startedAt).toBeLessThan(drainSeconds * 1_000 + promptMs);
      await Promise.all(ends);
      await deployment.restart(name);
    },
  );

  it.each(['messaging-1', 'presence-1', 'media-1'])('%s ends in order under load, and nobody notices', async (name) => {
    const load = await SteadyLoad.start(scene);
    await load.further(200);
    await expect(deployment.kill(name, 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
    await load.further(200);
    await deployment.restart(name);
    await load.further(100);
    await expect(load.finish()).resolves.toEqual([]);
    expect(load.reconnects).toBe(0);
  });

  it('every process is replaced under load: no send fails for good, nothing is lost, doubled or out of order', async () => {
    const load = await SteadyLoad.start(scene);
    for (const name of deployment.names()) {
      await load.further(100);
      await expect(deployment.kill(name, 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
      await load.further(50);
      await deployment.restart(name);
    }
    await load.further(200);
    await expect(load.finish()).resolves.toEqual([]);
    expect(load.reconnects).toBeGreaterThan(0);
  });
}

/** Sends over REST to the first gateway for as long as there is one. */
function sendOverRest(person: Person, conversationId: string) {
  const sent: string[] = [];
  const statuses: number[] = [];
  let isStopped = false;
  const rest = person.rest(0);
  const work = async (lane: number): Promise<void> => {
    for (let n = 0; !isStopped; n++) {
      const content = `rest ${lane}.${n}`;
      const body = { content, client_message_id: content };
      const path = `/api/conversations/${conversationId}/messages`;
      try {
        const { status } = await rest.post<MessageView>(path, body);
        statuses.push(status);
        if (status === 201) sent.push(content);
      } catch {
        // Nobody listens any more.
        await delay(20);
      }
    }
  };
  const lanes = [0, 1, 2, 3].map(work);
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all(lanes);
      return { sent, statuses };
    },
  };
}
