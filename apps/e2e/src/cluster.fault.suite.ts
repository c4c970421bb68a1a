import type { Deployment } from '@parley/testing';
import { ChatScene, transports } from './chat.scene';
import { SteadyLoad } from './steady.load';

export function clusterFaultSuite(deployment: () => Deployment): void {
  let scene: ChatScene;
  beforeEach(() => (scene = new ChatScene(deployment())));
  afterEach(() => scene.end());

  const dieUnderLoad = async (name: string, signal: NodeJS.Signals): Promise<SteadyLoad> => {
    const load = await SteadyLoad.start(scene);
    await load.further(500);
    await deployment().kill(name, signal);
    await load.further(500);
    await deployment().restart(name);
    await load.further(500);
    await expect(load.finish()).resolves.toEqual([]);
    return load;
  };

  it('misses nothing when a gateway is killed: its clients go on at another one', async () => {
    const load = await dieUnderLoad('gateway-1', 'SIGKILL');
    expect(load.reconnects).toBeGreaterThanOrEqual(3);
  });

  it('loses and doubles nothing when a messaging process is killed: sends go on', async () => {
    const load = await dieUnderLoad('messaging-1', 'SIGKILL');
    expect(load.reconnects).toBe(0);
  });

  it('loses and doubles nothing when processes are replaced one after another', async () => {
    const load = await SteadyLoad.start(scene);
    for (const name of [...deployment().names('messaging'), ...deployment().names('gateway')]) {
      await load.further(200);
      await expect(deployment().kill(name, 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
      await deployment().restart(name);
    }
    await load.further(200);
    await expect(load.finish()).resolves.toEqual([]);
  });

  it('tells the sockets of a gateway that stops to go elsewhere, and lets in no new ones', async () => {
    const [alice, bob] = await scene.pair();
    const devices = await Promise.all(transports.map((transport) => alice.online(transport, { gateway: 0 })));
    const elsewhere = await bob.online('plain', { gateway: 1 });
    const exit = deployment().kill('gateway-1', 'SIGTERM');
    for (const device of devices) {
      expect((await device.nextEvent('draining')).reconnect_after_ms).toBeGreaterThanOrEqual(0);
      const { code } = await device.closed;
      expect(code).toBeGreaterThanOrEqual(4000);
      expect(code).toBeLessThan(4400);
    }
    await expect(exit).resolves.toEqual({ code: 0, signal: null });
    await expect(elsewhere.emitWithAck('ping')).resolves.toMatchObject({ ok: true });
    await deployment().restart('gateway-1');
  });
}
