import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** How long Redis may take, in milliseconds. */
const timeoutMs = 2_000;
/** How long what was written stays, in milliseconds: nobody but who wrote it reads it. */
const keptMs = 10_000;

/** Takes the way of what goes through Redis: writes a key and reads it, publishes and hears itself. */
export class RedisEcho {
  private readonly id = randomUUID();
  private readonly waiting = new Map<string, () => void>();

  /** @param prefix of all keys and channels of the deployment. */
  constructor(
    private readonly publisher: Redis,
    subscriber: Redis,
    private readonly prefix: string,
  ) {
    const { channel } = this;
    subscriber.on('smessage', (heard: string, text: string) => {
      if (heard === channel) this.waiting.get(text)?.();
    });
    // Waits for Redis to come; whoever closes the connection before that ends it.
    subscriber.ssubscribe(channel).catch(() => undefined);
  }

  /** @returns false where something did not come back in time; never rejects. */
  async returns(): Promise<boolean> {
    const text = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    try {
      return await Promise.race([this.passes(text), late]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(text);
    }
  }

  private get channel(): string {
    return `${this.prefix}:echo:${this.id}`;
  }

  private async passes(text: string): Promise<boolean> {
    const heard = new Promise<void>((resolve) => this.waiting.set(text, resolve));
    const key = this.channel;
    await this.publisher.set(key, text, 'PX', keptMs);
    if ((await this.publisher.get(key)) !== text) return false;
    await this.publisher.spublish(this.channel, text);
    await heard;
    return true;
  }
}
