import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../cluster/free.port';

/** A Redis that a test may empty, stop and kill. Needs the command: `describeWith('redis-server')`. */
export class OwnRedis {
  private server: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort());
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** It comes back with nothing. */
  async restart(): Promise<void> {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.server = spawn('redis-server', settings, { stdio: 'ignore' });
    await this.use((redis) => redis.ping());
  }

  async kill(): Promise<void> {
    if (!this.server) return;
    const gone = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await gone;
    this.server = undefined;
  }

  /** Connections stand, and nothing is answered until {@link goOn}. */
  hang(): void {
    this.server?.kill('SIGSTOP');
  }

  goOn(): void {
    this.server?.kill('SIGCONT');
  }

  async flush(): Promise<void> {
    await this.use((redis) => redis.flushall());
  }

  private async use(work: (redis: Redis) => Promise<unknown>): Promise<void> {
    const redis = new Redis(this.url, { maxRetriesPerRequest: null, retryStrategy: () => 25 });
    redis.on('error', () => undefined);
    try {
      await work(redis);
      await delay(0);
    } finally {
      redis.disconnect();
    }
  }
}
