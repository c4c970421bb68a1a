import { describeWith, TcpProxy } from '@parley/testing';
import { type BusProcess, recorderOf, startOnBus } from './bus.suite';
import { type Disruption, EventBus } from './event/event.bus';
import { outgoing } from './event/outgoing.event';
import { freshId, Inbox, listenerOf, Noted } from './event/event.suite';
import { Test } from '@nestjs/testing';
import { BusHealth } from './bus.health';
import { RpcClient } from './rpc/rpc.client';
import { aNatsConfig, natsAddress, natsModules, occupyStream, removeStream } from './nats/nats.scene';
import { NatsStream } from './nats/nats.stream';
import { Say } from './rpc/rpc.suite';

describeWith('nats')('the NATS bus in an outage', () => {
  const proxy = new TcpProxy(natsAddress());
  const config = aNatsConfig();
  const modules = () => natsModules({ ...config, url: `nats://127.0.0.1:${proxy.port}` });

  beforeEach(() => proxy.open());
  afterEach(() => proxy.cut());
  afterAll(() => removeStream(config));

  const disruptions = (bus: BusProcess): Inbox<Disruption> => {
    const inbox = new Inbox<Disruption>();
    bus.events.onDisruption(() => {
      throw new Error('a listener of this test breaks');
    });
    bus.events.onDisruption((reason) => inbox.add(reason));
    return inbox;
  };

  /** Waits until something holds that no event tells. */
  const eventually = async (holds: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      if (
        await holds().then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('refuses calls and events at once while the broker is away, and says that it is down', async () => {
    const bus = await startOnBus(modules());
    await proxy.cut();
    await eventually(() => (bus.health.isUp() ? Promise.reject(new Error('still up')) : Promise.resolve()));
    await expect(bus.rpc.call(Say, { text: 'x' }, { timeoutMs: 600_000 })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    await expect(bus.events.publish([outgoing(Noted, '1', { n: 1 })], { dedupId: 'away' })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    await bus.stop();
  });

  it('tells whether messages pass, which a connection that stands does not', async () => {
    const bus = await startOnBus(modules());
    await expect(bus.health.carries()).resolves.toBe(true);
    proxy.freeze();
    expect(bus.health.isUp()).toBe(true);
    await expect(bus.health.carries()).resolves.toBe(false);
    proxy.thaw();
    await expect(bus.health.carries()).resolves.toBe(true);
    await proxy.cut();
    await expect(bus.health.carries()).resolves.toBe(false);
    await proxy.open();
    await eventually(async () => {
      if (!(await bus.health.carries())) throw new Error('not yet');
    });
    await bus.stop();
  });

  it('tells after a reconnect that events may have been missed, and hears and consumes on', async () => {
    const bus = await startOnBus(modules());
    const id = freshId();
    const [heard, consumed] = [new Inbox(), new Inbox()];
    const told = disruptions(bus);
    const pattern = `chat.conversation.${id}.*`;
    await bus.events.subscribe(pattern, listenerOf(heard));
    await bus.events.consume({ durable: `outage_${id}`, pattern }, (event) =>
      Promise.resolve(consumed.add(event.parse(Noted).n)),
    );
    await proxy.cut();
    await proxy.open();
    expect(await told.has(1)).toEqual(['reconnected']);
    await eventually(() => bus.events.publish([outgoing(Noted, id, { n: 5 })], { dedupId: `outage-${id}` }));
    expect((await heard.has(1))[0]).toBe(5);
    expect((await consumed.has(1))[0]).toBe(5);
    await bus.stop();
  });

  it('makes the stream again when the broker has lost it', async () => {
    const bus = await startOnBus(modules());
    const id = freshId();
    const inbox = new Inbox();
    await bus.events.consume({ durable: `lost_${id}`, pattern: `chat.conversation.${id}.*` }, (event) =>
      Promise.resolve(inbox.add(event.parse(Noted).n)),
    );
    await removeStream(config);
    await expect(bus.events.publish([outgoing(Noted, id, { n: 1 })], { dedupId: `lost-${id}` })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    await eventually(() => bus.events.publish([outgoing(Noted, id, { n: 1 })], { dedupId: `lost-${id}` }));
    expect(await inbox.has(1)).toEqual([1]);
    await bus.stop();
  });

  it('starts without the broker and works once it is there', async () => {
    await proxy.cut();
    const module = await Test.createTestingModule({ imports: modules() }).setLogger(recorderOf([])).compile();
    await module.init();
    expect(module.get(BusHealth).isUp()).toBe(false);
    await expect(module.get(RpcClient).call(Say, { text: 'x' })).rejects.toMatchObject({ code: 'service_unavailable' });
    const inbox = new Inbox();
    const id = freshId();
    const events = module.get(EventBus);
    const subscribed = events.subscribe(`chat.conversation.${id}.*`, listenerOf(inbox));
    await proxy.open();
    await subscribed;
    expect(module.get(BusHealth).isUp()).toBe(true);
    await eventually(() => events.publish([outgoing(Noted, id, { n: 1 })], { dedupId: `late-${id}` }));
    expect((await inbox.has(1))[0]).toBe(1);
    await module.close();
  });

  it('stops while it still tries to connect', async () => {
    await proxy.cut();
    const module = await Test.createTestingModule({ imports: modules() }).setLogger(recorderOf([])).compile();
    await module.init();
    await expect(module.close()).resolves.toBeUndefined();
  });

  it('stops while the stream that it consumes cannot be made', async () => {
    const own = aNatsConfig({ url: `nats://127.0.0.1:${proxy.port}` });
    const bus = await startOnBus(natsModules(own));
    const told = disruptions(bus);
    await bus.events.consume({ durable: 'stops', pattern: 'chat.>' }, () => Promise.resolve());
    await proxy.cut();
    const leave = await occupyStream(own);
    const waits = jest.spyOn(NatsStream.prototype, 'whenReady');
    await proxy.open();
    await told.has(1);
    await eventually(() => (waits.mock.calls.length > 0 ? Promise.resolve() : Promise.reject(new Error('not yet'))));
    waits.mockRestore();
    await expect(bus.stop()).resolves.toBeUndefined();
    await leave();
  });
});
