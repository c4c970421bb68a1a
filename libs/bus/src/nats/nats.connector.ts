import { setTimeout as delay } from 'node:timers/promises';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { connect, type NatsConnection, type Status } from '@nats-io/transport-node';
import type { NatsConfig } from '@parley/config';
import type { Disruption } from '../event/event.bus';
import { NatsLink } from './nats.link';

const reconnectWaitMs = 200;
const reconnectJitterMs = 200;

/** A broker that does not answer holds a shutdown up no longer. */
const maxDrainMs = 5_000;

/** A peer that is gone without a word is noticed after two of these, in milliseconds. */
const pingIntervalMs = 10_000;

/** The process' one connection. Made in the background, for as long as it takes, and made again whenever it is lost. */
export class NatsConnector implements OnApplicationShutdown {
  private readonly logger = new Logger(NatsConnector.name);
  private readonly listeners = new Set<(reason: Disruption) => void>();
  private readonly closing = new AbortController();
  private readonly first: Promise<NatsLink>;
  private link: NatsLink | undefined;
  private isConnected = false;

  private constructor(private readonly config: NatsConfig) {
    this.first = this.connect();
    // Who waits for the connection gets the rejection; without anybody waiting it is none of the process' business.
    this.first.catch(() => undefined);
  }

  /** Begins to connect and does not wait for it. */
  static start(config: NatsConfig): NatsConnector {
    return new NatsConnector(config);
  }

  /** The connection while it stands; undefined before the first and while it is being made again. */
  get current(): NatsLink | undefined {
    return this.isConnected ? this.link : undefined;
  }

  /**
   * The connection once it has been made for the first time; it may be down again.
   *
   * @throws Error when the connector is closed before.
   */
  whenConnected(): Promise<NatsLink> {
    return this.first;
  }

  /** Aborted when the process shuts down. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  onDisruption(listener: (reason: Disruption) => void): void {
    this.listeners.add(listener);
  }

  /** With the deployment's prefix, as the broker knows it. */
  toWire(subject: string): string {
    const { subjectPrefix } = this.config;
    return subjectPrefix === '' ? subject : `${subjectPrefix}.${subject}`;
  }

  /** Without the deployment's prefix, as the code knows it. */
  fromWire(subject: string): string {
    const { subjectPrefix } = this.config;
    return subjectPrefix === '' ? subject : subject.slice(subjectPrefix.length + 1);
  }

  /** Ends subscriptions, lets what is on its way arrive, disconnects. */
  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    const link = await this.first.catch(() => undefined);
    const connection = link?.connection;
    if (!connection || connection.isClosed()) return;
    // Draining needs the broker: without it there is nothing to wait for.
    if (this.isConnected) await drain(connection);
    await connection.close();
    this.isConnected = false;
  }

  private async connect(): Promise<NatsLink> {
    let told = '';
    for (;;) {
      this.closing.signal.throwIfAborted();
      try {
        return this.connected(await connect(optionsOf(this.config)));
      } catch (err) {
        const reason = err instanceof Error ? err.message : String(err);
        if (reason !== told) this.logger.warn({ msg: 'NATS does not answer; trying on', reason });
        told = reason;
      }
      const waitMs = reconnectWaitMs + Math.random() * reconnectJitterMs;
      await delay(waitMs, undefined, { signal: this.closing.signal });
    }
  }

  private connected(connection: NatsConnection): NatsLink {
    this.link = new NatsLink(connection);
    this.isConnected = true;
    void this.watch(connection);
    return this.link;
  }

  private async watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) this.heard(status);
    this.isConnected = false;
  }

  private heard(status: Status): void {
    if (status.type === 'disconnect') this.lost();
    else if (status.type === 'reconnect') this.foundAgain();
    else if (status.type === 'error') this.refused(status.error);
  }

  private lost(): void {
    this.isConnected = false;
    if (!this.closing.signal.aborted) this.logger.warn('The connection to NATS is lost; trying on');
  }

  private foundAgain(): void {
    this.isConnected = true;
    this.logger.log('Connected to NATS again');
    this.tell('reconnected');
  }

  /** A broker that had to drop what this process did not read says so, and then disconnects it. */
  private refused(error: Error): void {
    this.logger.warn({ msg: 'NATS reports an error', err: error });
    if (/slow consumer/i.test(error.message)) this.tell('slow_consumer');
  }

  private tell(reason: Disruption): void {
    for (const listener of this.listeners) {
      try {
        listener(reason);
      } catch (err) {
        this.logger.error({ msg: 'A listener broke', reason, err });
      }
    }
  }
}

async function drain(connection: NatsConnection): Promise<void> {
  const drained = new AbortController();
  const late = delay(maxDrainMs, undefined, { signal: drained.signal });
  await Promise.race([connection.drain(), late]).catch(() => undefined);
  drained.abort();
  await late.catch(() => undefined);
}

function optionsOf(config: NatsConfig) {
  return {
    servers: config.url.split(',').map((server) => server.trim()),
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectJitterMs,
    reconnectJitterTLS: reconnectJitterMs,
    pingInterval: pingIntervalMs,
    // Rotated credentials are refused for a while: no reason to give up.
    ignoreAuthErrorAbort: true,
    // A stack trace for each request costs more than the request.
    noAsyncTraces: true,
  };
}
