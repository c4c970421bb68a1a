import type { RedisConfig } from '@parley/config';
import { Logger } from '@nestjs/common';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import type { Adapter } from 'socket.io-adapter';
import { RedisEcho } from './redis.echo';

/** How long Redis may take to accept a broadcast, in milliseconds: the sockets of this process wait as long. */
const publishTimeoutMs = 1_000;
const maxReconnectDelayMs = 2_000;
/** How often it is looked whether connections that stand carry something, in milliseconds. */
const watchEveryMs = 15_000;

/**
 * What makes the rooms of several gateways one: Socket.IO's adapter on Redis' sharded pub/sub (Redis 7 or later), one
 * subscription per process whatever rooms it has.
 *
 * While Redis is away every broadcast still reaches the sockets of this process; the other processes miss it.
 */
export class ClusterLink {
  private readonly log = new Logger(ClusterLink.name);
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  private readonly subscriptions: Promise<unknown>[] = [];
  private readonly echo: RedisEcho;
  private readonly watch: NodeJS.Timeout;
  private isClosed = false;

  constructor(private readonly config: Pick<RedisConfig, 'url' | 'keyPrefix'>) {
    const connection = {
      retryStrategy: (attempt: number) => Math.min(attempt * 100, maxReconnectDelayMs),
      // Closing a connection that there is none of would keep the process for two seconds.
      disconnectTimeout: 200,
    };
    this.publisher = new Redis(config.url, {
      ...connection,
      // Waiting for Redis would hold back local delivery: a broadcast that cannot leave now never does.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: publishTimeoutMs,
    });
    // Its few subscriptions wait for Redis to come, and are made again whenever it comes back.
    this.subscriber = new Redis(config.url, {
      ...connection,
      maxRetriesPerRequest: null,
      // The check asks what a connection that subscribes already may not ask, and would end it.
      enableReadyCheck: false,
    });
    this.report(this.publisher);
    this.report(this.subscriber);
    this.echo = new RedisEcho(this.publisher, this.subscriber, config.keyPrefix);
    this.watch = setInterval(() => void this.heal(), watchEveryMs).unref();
  }

  /** Do the connections stand? */
  isUp(): boolean {
    return this.publisher.status === 'ready' && this.subscriber.status === 'ready';
  }

  /** Does what is told to the others pass Redis, and can Redis be written to? Answers within 2 s; never rejects. */
  async carries(): Promise<boolean> {
    return this.isUp() && (await this.echo.returns());
  }

  /** Resolves when this process hears the others and they hear it, for the first time. */
  async linked(): Promise<void> {
    if (this.publisher.status !== 'ready') await new Promise((resolve) => this.publisher.once('ready', resolve));
    await Promise.all(this.subscriptions);
  }

  /** What Socket.IO makes the adapter of a namespace with. */
  adapter(): (namespace: unknown) => Adapter {
    return createShardedAdapter(this.publisher, this.subscriptionPort(), {
      subscriptionMode: 'static',
      channelPrefix: `${this.config.keyPrefix}:sockets`,
    }) as (namespace: unknown) => Adapter;
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.watch);
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  /** Who only listens does not notice that the other side is gone without a word. */
  private async heal(): Promise<void> {
    if (!this.isUp() || (await this.echo.returns()) || this.isClosed) return;
    this.log.warn('Redis carries nothing, though it is connected: connecting again');
    this.subscriber.disconnect(true);
  }

  /** As much of a client as the adapter subscribes with. It drops the promises, so none of them may reject. */
  private subscriptionPort() {
    const { subscriber } = this;
    const settle = (work: Promise<unknown>) =>
      work.catch((error: unknown) => {
        if (!this.isClosed) this.log.warn(`Redis refused a subscription: ${String(error)}`);
      });
    return {
      on: (event: 'smessageBuffer', listener: (channel: Buffer, message: Buffer) => void) =>
        subscriber.on(event, listener),
      ssubscribe: (channel: string) => this.subscriptions.push(settle(subscriber.ssubscribe(channel))),
      sunsubscribe: (channel: string) => void settle(subscriber.sunsubscribe(channel)),
    };
  }

  /** Once per disruption, not once per attempt. */
  private report(client: Redis): void {
    let isDown = false;
    client.on('error', (error: Error) => {
      if (!isDown) this.log.warn(`Redis is away, sockets of other gateways miss live events: ${error.message}`);
      isDown = true;
    });
    client.on('ready', () => {
      if (isDown) this.log.log('Redis is back');
      isDown = false;
    });
  }
}
