import { AppError } from '@parley/errors';
import type { ChatSocket } from '../session/chat.socket';

/** How much of one kind of work a socket may have running: each may ask for thousands of rows. */
export class RunningBound {
  private readonly running = new WeakMap<ChatSocket, number>();

  constructor(private readonly max: number) {}

  /** @throws AppError `rate_limited`, or what `work` throws. */
  async run<T>(socket: ChatSocket, work: () => Promise<T>): Promise<T> {
    const running = this.running.get(socket) ?? 0;
    if (running >= this.max) throw new AppError('rate_limited');
    this.running.set(socket, running + 1);
    try {
      return await work();
    } finally {
      this.running.set(socket, (this.running.get(socket) ?? 1) - 1);
    }
  }
}
