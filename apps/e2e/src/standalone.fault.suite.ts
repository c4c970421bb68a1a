import type { Deployment } from '@parley/testing';
import { ChatScene, transports } from './chat.scene';
import { SteadyLoad } from './steady.load';

export function standaloneFaultSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  it('loses no acknowledged message when it is killed in the middle of a load and started again', async () => {
    const load = await SteadyLoad.start(scene);
    for (let round = 0; round < 2; round++) {
      await load.further(500);
      await expect(deployment().kill('standalone', 'SIGKILL')).resolves.toMatchObject({ signal: 'SIGKILL' });
      await deployment().restart('standalone');
    }
    await load.further(500);
    await expect(load.finish()).resolves.toEqual([]);
    // Each device at least once; a slow one may have slept through the second time.
    expect(load.reconnects).toBeGreaterThanOrEqual(6);
  });

  it('stops when it is asked to: sockets are told, what was acknowledged stays, and it starts again', async () => {
    const [alice, bob] = await scene.pair();
    const { id } = await alice.openDirect(bob);
    const devices = await Promise.all(transports.map((transport) => bob.online(transport)));
    const { epoch } = (await devices[0]?.session) ?? {};
    const message = await alice.send(id, { content: 'before' });
    const exit = deployment().kill('standalone', 'SIGTERM');
    for (const device of devices) {
      expect((await device.nextEvent('draining')).reconnect_after_ms).toBeGreaterThanOrEqual(0);
      const { code } = await device.closed;
      expect(code).toBeGreaterThanOrEqual(4000);
      expect(code).toBeLessThan(4400);
    }
    await expect(exit).resolves.toEqual({ code: 0, signal: null });
    await deployment().restart('standalone');
    await expect(bob.history(id)).resolves.toEqual([message]);
    // The same history goes on: heads from before are still good.
    const back = await bob.online('plain');
    await expect(back.session).resolves.toMatchObject({ epoch, heads: { [id]: { seq: 1, rev: message.rev } } });
  });
}
