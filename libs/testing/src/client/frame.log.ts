import type { ServerEvent, ServerFrame } from '@parley/contracts';

/** Something the server said by itself, as it came. */
export interface ReceivedFrame {
  readonly event: string;
  readonly payload: unknown;
}

/** How long a test waits for something that is on its way, in milliseconds: far longer than it ever takes. */
export const patienceMs = 20_000;

interface Waiter {
  readonly accepts: (frame: ReceivedFrame) => boolean;
  readonly take: (frame: ReceivedFrame) => void;
  readonly giveUp: (reason: string) => void;
}

/** All that one socket has heard, in order; what is waited for is found in it whether it came before or after. */
export class FrameLog {
  readonly frames: ReceivedFrame[] = [];
  private readonly taken = new Set<ReceivedFrame>();
  private readonly waiters = new Set<Waiter>();
  private readonly listeners = new Set<(frame: ReceivedFrame) => void>();
  private ended: string | undefined;

  add(frame: ReceivedFrame): void {
    this.frames.push(frame);
    for (const listener of this.listeners) listener(frame);
    for (const waiter of this.waiters) {
      if (!waiter.accepts(frame)) continue;
      waiter.take(frame);
      return;
    }
  }

  /** Nothing more will come: who still waits is told why. */
  end(reason: string): void {
    this.ended = reason;
    for (const waiter of this.waiters) waiter.giveUp(reason);
  }

  /** @returns how to stop listening */
  listen(listener: (frame: ReceivedFrame) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The first frame of that event that satisfies `matches` and was not given out before.
   *
   * @throws when the socket ends without it, or after 20 seconds, with what was seen instead.
   */
  next<E extends ServerEvent>(
    event: E,
    matches: (payload: ServerFrame<E>) => boolean = () => true,
  ): Promise<ServerFrame<E>> {
    const accepts = (frame: ReceivedFrame) => frame.event === event && matches(frame.payload as ServerFrame<E>);
    const present = this.frames.find((frame) => !this.taken.has(frame) && accepts(frame));
    const found = present ? Promise.resolve(this.give(present)) : this.wait(event, accepts);
    return found.then(({ payload }) => payload as ServerFrame<E>);
  }

  private wait(event: string, accepts: Waiter['accepts']): Promise<ReceivedFrame> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
      };
      const giveUp = (reason: string) => {
        stop();
        reject(new Error(`no ${event} came (${reason}); seen: ${this.summary()}`));
      };
      const take = (frame: ReceivedFrame) => {
        stop();
        resolve(this.give(frame));
      };
      const waiter: Waiter = { accepts, take, giveUp };
      const timer = setTimeout(() => giveUp(`waited ${patienceMs} ms`), patienceMs);
      this.waiters.add(waiter);
      if (this.ended !== undefined) giveUp(this.ended);
    });
  }

  private give(frame: ReceivedFrame): ReceivedFrame {
    this.taken.add(frame);
    return frame;
  }

  private summary(): string {
    const last = this.frames.slice(-10).map(({ event, payload }) => `${event} ${brief(payload)}`);
    return `${this.frames.length} frames${last.length > 0 ? `, the last: ${last.join('; ')}` : ''}`;
  }
}

function brief(payload: unknown): string {
  const json = JSON.stringify(payload) ?? '';
  return json.length > 200 ? `${json.slice(0, 200)}…` : json;
}
