import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { RedisConfig } from '@parley/config';
import { Redis } from 'ioredis';
import { countAttempt, countGateways } from './limiter.scripts';
import type { Attempt, Bucket } from './rate.limiter';

/** How much longer than an answer may take Redis may be silent before the connection is given up, in milliseconds. */
const graceMs = 2_000;
const maxReconnectDelayMs = 2_000;
/** How often a gateway says that it is there, in milliseconds; and how often it looks whether Redis is back. */
const beatMs = 5_000;
const probeMs = 250;
/** A gateway that has said nothing for so long is gone, in milliseconds. */
const goneAfterMs = 15_000;

/** What the scripts are called as commands. */
interface Commands {
  countAttempt(keys: number, ...args: (string | number)[]): Promise<[index: number, count: number, freesInMs: number]>;
  countGateways(keys: number, ...args: (string | number)[]): Promise<number>;
}

export type LinkConfig = Pick<RedisConfig, 'url' | 'keyPrefix'>;

/** The Redis that gateways count in together, while it is there, and how many they are. */
export class LimiterLink {
  private readonly log = new Logger(LimiterLink.name);
  private readonly client: Redis & Commands;
  private readonly id = randomUUID();
  private timer: NodeJS.Timeout | undefined;
  private state: 'starting' | 'up' | 'down' | 'closed' = 'starting';
  private known = 1;

  /** @param answerTimeoutMs how long Redis may take to answer: a send waits as long, once. */
  constructor(
    private readonly config: LinkConfig,
    answerTimeoutMs: number,
  ) {
    this.client = new Redis(config.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: answerTimeoutMs,
      socketTimeout: answerTimeoutMs + graceMs,
      retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectDelayMs),
      // Closing a connection that there is none of would keep the process for two seconds.
      disconnectTimeout: 200,
      scripts: { countAttempt: { lua: countAttempt }, countGateways: { lua: countGateways } },
    }) as Redis & Commands;
    this.client.on('ready', () => void this.beat());
    this.client.on('error', (error: Error) => this.lose(error));
    this.client.on('close', () => this.lose(new Error('the connection is closed')));
  }

  /** Does Redis count at present? It is asked only then. */
  get isUp(): boolean {
    return this.state === 'up';
  }

  /** How many gateways there are, as last heard; 1 before that. */
  get gateways(): number {
    return this.known;
  }

  /** Does not wait for Redis. */
  start(): void {
    // What goes wrong is reported by the events, and tried again.
    this.client.connect().catch(() => undefined);
  }

  /** @throws when Redis does not answer in time: from then on it is down, until it does. */
  async attempt(buckets: readonly Bucket[]): Promise<Attempt> {
    const keys = buckets.map(({ type, userId }) => this.keyOf(`${type}:${userId}`));
    const rules = buckets.flatMap(({ limit, windowMs }) => [limit, windowMs]);
    try {
      const [index, count, freesInMs] = await this.client.countAttempt(keys.length, ...keys, ...rules);
      const bucket = buckets[index - 1];
      if (!bucket) throw new RangeError('an attempt needs a bucket');
      return { bucket, count, freesInMs };
    } catch (error) {
      this.lose(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    const wasUp = this.isUp;
    this.state = 'closed';
    clearTimeout(this.timer);
    if (wasUp) await this.client.zrem(this.keyOf('gateways'), this.id).catch(() => undefined);
    this.client.disconnect();
  }

  private keyOf(name: string): string {
    return `${this.config.keyPrefix}:limits:${name}`;
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.beat(), ms).unref();
  }

  /** Says that this gateway is there; the answer says that Redis is, and how many gateways are. Never rejects. */
  private async beat(): Promise<void> {
    try {
      const gateways = await this.client.countGateways(1, this.keyOf('gateways'), this.id, goneAfterMs);
      if (this.state === 'closed') return;
      this.known = gateways;
      if (this.state === 'down') this.log.log('Redis is back: limits are shared again');
      this.state = 'up';
      this.schedule(beatMs);
    } catch (error) {
      this.lose(error);
      if (this.state !== 'closed') this.schedule(probeMs);
    }
  }

  /** Reported once per outage, however many attempts meet it. */
  private lose(cause: unknown): void {
    if (this.state === 'down' || this.state === 'closed') return;
    this.state = 'down';
    this.log.warn(`Redis is away: limits hold per gateway, at 1/${this.known} of them: ${String(cause)}`);
    this.schedule(probeMs);
  }
}
