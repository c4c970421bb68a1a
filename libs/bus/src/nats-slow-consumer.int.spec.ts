import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from '@nats-io/transport-node';
import { ConfigModule, NatsConfig } from '@parley/config';
import { describeWith, freePort, TcpProxy } from '@parley/testing';
import { BusModule } from './bus.module';
import { startOnBus } from './bus.suite';
import type { Disruption } from './event/event.bus';
import { Inbox, listenerOf } from './event/event.suite';

const megabyte = Buffer.alloc(1_000_000, 'x');

/** A broker that is soon out of patience: the usual one waits for 10 seconds, and holds 64 MB. */
class ImpatientBroker {
  private readonly lines: string[] = [];
  private readonly heard = new Set<() => void>();

  private constructor(
    readonly port: number,
    private readonly server: ChildProcess,
    private readonly folder: string,
  ) {
    createInterface({ input: server.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      this.lines.push(line);
      for (const listener of this.heard) listener();
    });
  }

  static async start(): Promise<ImpatientBroker> {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-nats-'));
    const file = path.join(folder, 'nats.conf');
    const port = await freePort();
    const store = `jetstream { store_dir: "${folder}" }`;
    await writeFile(file, `listen: "127.0.0.1:${port}"\nmax_pending: 2MB\nwrite_deadline: "200ms"\n${store}\n`);
    const server = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const broker = new ImpatientBroker(port, server, folder);
    await broker.says('Server is ready');
    return broker;
  }

  async says(text: string): Promise<void> {
    while (!this.lines.some((line) => line.includes(text))) {
      await new Promise<void>((resolve) => this.heard.add(resolve));
    }
  }

  async stop(): Promise<void> {
    this.server.kill('SIGKILL');
    await once(this.server, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }
}

describeWith('nats-server')('a subscriber that reads slower than others publish', () => {
  let broker: ImpatientBroker;
  beforeAll(async () => {
    broker = await ImpatientBroker.start();
  });
  afterAll(() => broker.stop());

  /** Nothing waits for listeners in the process: they are called as the bytes are read. What is too much the broker holds. */
  it('is cut off by the broker, comes back, and is told that it may have missed something', async () => {
    const proxy = new TcpProxy({ hostname: '127.0.0.1', port: broker.port });
    await proxy.open();
    const bus = await startOnBus([
      ConfigModule.forRoot([NatsConfig], { NATS_URL: `nats://127.0.0.1:${proxy.port}`, NATS_SUBJECT_PREFIX: 'slow' }),
      BusModule.nats(),
    ]);
    const told = new Inbox<Disruption>();
    bus.events.onDisruption((reason) => told.add(reason));
    await bus.events.subscribe('live.much', listenerOf(new Inbox()));
    const publisher = await connect({ servers: `127.0.0.1:${broker.port}` });
    proxy.freeze();
    for (let n = 0; n < 40; n++) publisher.publish('slow.live.much', megabyte);
    await publisher.flush();
    await broker.says('Slow Consumer');
    proxy.thaw();
    expect(await told.has(1)).toEqual(['reconnected']);
    await publisher.close();
    await bus.stop();
    await proxy.cut();
  });
});
