import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';

/** How long a message may be on its way, in milliseconds. */
const timeoutMs = 2_000;

/** Publishes to a subject that nobody else has, and hears itself: the way that events go, through the broker and back. */
export class NatsEcho {
  private readonly waiting = new Map<string, () => void>();

  /** @param subject as the broker knows it; of this process alone. */
  constructor(
    private readonly connection: NatsConnection,
    private readonly subject: string,
  ) {
    connection.subscribe(subject, { callback: (_error, message) => this.waiting.get(message.string())?.() });
  }

  /** @returns false where nothing came back in time; never rejects. */
  async returns(): Promise<boolean> {
    const text = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
        this.waiting.set(text, () => resolve(true));
        this.connection.publish(this.subject, text);
      });
    } catch {
      // The connection takes nothing any more.
      return false;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(text);
    }
  }
}
