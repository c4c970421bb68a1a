import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

const sampleMs = 50;
/** How much of a lag counts one sample later: a pause of a second is forgotten within half of one. */
const decay = 0.8;

/** How late the event loop runs what is due: what everybody on this process waits for. */
@Injectable()
export class LoopLag implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  private lagMs = 0;

  /** Now, or shortly before, in milliseconds. */
  get ms(): number {
    return this.lagMs;
  }

  onApplicationBootstrap(): void {
    this.dueAt = performance.now() + sampleMs;
    this.timer = setInterval(() => this.sample(performance.now()), sampleMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private sample(now: number): void {
    this.lagMs = Math.max(now - this.dueAt, this.lagMs * decay);
    this.dueAt = now + sampleMs;
  }
}
