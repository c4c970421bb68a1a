import { setTimeout as delay } from 'node:timers/promises';
import type { ServerFrame, SyncView } from '@parley/contracts';
import { type ChatClient, type Connect, FrameRefused } from '../client/chat.client';
import { DeviceModel } from './device.model';
import { SocketWitness } from './socket.witness';

export interface DeviceOptions {
  readonly name: string;
  readonly userId: string;
  readonly token: string;
  readonly connect: Connect;
  /** The gateways that it knows; it goes to the next one whenever it is disconnected. */
  readonly urls: readonly string[];
  /** Where it connects first, as an index of `urls`. */
  readonly first: number;
  /** Says what it has seen in the handshake; else it asks with `sync` when it is connected. */
  readonly givesHeads: boolean;
}

/** How long a session may take to open, and an answer to come, in milliseconds; then the connection counts as dead. */
const deadlineMs = 6_000;
/** How often it looks whether the connection is alive, in milliseconds. */
const pingEveryMs = 2_000;
const firstRetryMs = 100;
const maxRetryMs = 1_000;

/** A device as an app has it: it notices when its connection is dead, comes back elsewhere, and misses nothing. */
export class Device {
  readonly model: DeviceModel;
  /** One for each connection that it ever had. */
  readonly witnesses: SocketWitness[] = [];
  /** How long it took to come back, each time, in milliseconds. */
  readonly absences: number[] = [];
  private client: ChatClient | undefined;
  private stopped = false;
  private gateway: number;
  private readonly waiters = new Set<(client: ChatClient) => void>();
  private running: Promise<void> | undefined;

  constructor(private readonly options: DeviceOptions) {
    this.model = new DeviceModel(options.userId);
    this.gateway = options.first;
  }

  get name(): string {
    return this.options.name;
  }

  get userId(): string {
    return this.options.userId;
  }

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /** Begins to connect. */
  start(): void {
    this.stopped = false;
    this.running ??= this.run();
  }

  /** The connection, once there is one that has caught up. */
  connected(): Promise<ChatClient> {
    if (this.client) return Promise.resolve(this.client);
    return new Promise((resolve) => this.waiters.add(resolve));
  }

  /** Takes leave; `start` brings it back. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.client?.close();
    await this.running;
    this.running = undefined;
  }

  private async run(): Promise<void> {
    let since: number | undefined;
    let retryMs = firstRetryMs;
    while (!this.stopped) {
      const line = this.call();
      try {
        await line.or(this.catchUp(line));
        // Who stopped it meanwhile found no client to close.
        if (this.stopped) return line.end();
        if (since !== undefined) this.absences.push(performance.now() - since);
        since = undefined;
        retryMs = firstRetryMs;
        this.client = line.client;
        for (const resolve of this.waiters) resolve(line.client);
        this.waiters.clear();
        if (this.model.isBehind) line.askForMore(() => this.sync(line));
        await line.or(this.watch(line));
      } catch {
        // The connection is dead, in one way or another: the next one tells what was missed.
      }
      line.end();
      this.client = undefined;
      since ??= performance.now();
      if (!this.stopped) await delay(retryMs * (0.5 + Math.random()));
      retryMs = Math.min(retryMs * 2, maxRetryMs);
      this.gateway++;
    }
  }

  private call(): Line {
    const { connect, urls, token, name, userId, givesHeads } = this.options;
    const url = urls[this.gateway % urls.length] ?? '';
    const witness = new SocketWitness(`${name}.${this.witnesses.length + 1}`, userId, givesHeads);
    this.witnesses.push(witness);
    this.model.begin();
    const client = connect(url, token, givesHeads ? { heads: this.model.heads } : {});
    const line = new Line(client, witness);
    client.listen((frame) => {
      if (line.hasEnded) return;
      witness.hear(frame);
      if (this.model.hear(frame) && this.client === client) line.askForMore(() => this.sync(line));
    });
    return line;
  }

  /** Resolves when everything is there that was missed. */
  private async catchUp(line: Line): Promise<void> {
    await line.within(line.client.session, 'session');
    if (this.options.givesHeads) {
      const { has_more } = await line.within(line.client.nextEvent('synced'), 'synced');
      if (!has_more && !this.model.isBehind) return this.model.release();
    }
    await this.sync(line);
  }

  private async sync(line: Line): Promise<void> {
    do {
      let answer: SyncView;
      do {
        const ack = await line.within(
          line.client.emitWithAck<ServerFrame<'synced'>>('sync', { heads: this.model.heads }),
          'sync',
        );
        if (!ack.ok) throw new FrameRefused(ack.error);
        answer = ack.data;
        if (line.hasEnded) return;
        line.witness.hearSync(answer);
        this.model.take(answer);
      } while (answer.has_more || this.model.isBehind);
      this.model.release();
    } while (this.model.isBehind);
  }

  /** Never resolves: throws when the server does not answer any more. */
  private async watch(line: Line): Promise<never> {
    for (;;) {
      await delay(pingEveryMs, undefined, { ref: false });
      await line.within(line.client.emitWithAck('ping'), 'ping');
    }
  }
}

/** One connection of a device, and how it ends. */
class Line {
  hasEnded = false;
  private isAsking = false;
  private breakOff: (error: Error) => void = () => undefined;
  private readonly broken: Promise<never>;

  constructor(
    readonly client: ChatClient,
    readonly witness: SocketWitness,
  ) {
    this.broken = new Promise((_, reject) => (this.breakOff = reject));
    this.broken.catch(() => undefined);
    void client.closed.then(() => this.breakOff(new Error('closed')));
  }

  /** @throws when the connection ends before. */
  or<T>(work: Promise<T>): Promise<T> {
    work.catch(() => undefined);
    return Promise.race([work, this.broken]);
  }

  /** @throws when it takes too long: the peer may be gone without a word. */
  async within<T>(answer: Promise<T>, what: string): Promise<T> {
    answer.catch(() => undefined);
    const late = new AbortController();
    const timeout = delay(deadlineMs, undefined, { signal: late.signal }).then(() => {
      throw new Error(`no ${what} within ${deadlineMs} ms`);
    });
    timeout.catch(() => undefined);
    try {
      return await this.or(Promise.race([answer, timeout]));
    } finally {
      late.abort();
    }
  }

  /** One at a time: `ask` goes on until nothing is missing. */
  askForMore(ask: () => Promise<void>): void {
    if (this.isAsking) return;
    this.isAsking = true;
    ask().then(
      () => (this.isAsking = false),
      (error: unknown) => this.breakOff(error instanceof Error ? error : new Error(String(error))),
    );
  }

  end(): void {
    this.hasEnded = true;
    this.breakOff(new Error('ended'));
    this.client.close();
    this.client.drop();
  }
}
