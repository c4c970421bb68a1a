import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

const sampleMs = 50;
/** How much of a lag counts one sample later: a pause of a second is forgotten within half of one. */
const decay = 0.8;
/** Whoever waits for an answer has given up after so long, in milliseconds, and may have asked elsewhere. */
const standstillMs = 5_000;
/** How long it may take after a standstill to read all that had come meanwhile, in milliseconds. */
const leftoversMs = 1_000;

/** How late the event loop runs what is due: what everybody on this process waits for. */
@Injectable()
export class LoopLag implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  /** Not running, nothing is late. */
  private dueAt = Infinity;
  private lagMs = 0;
  private leftoversUntil = 0;

  /** Now, or shortly before, in milliseconds. */
  get ms(): number {
    return this.lagMs;
  }

  /**
   * Did the process stand still (stopped, swapped out) so long that what is read now may have been said again elsewhere,
   * and followed by something newer? Carried out now, it would undo that.
   */
  get hasStoodStill(): boolean {
    const now = performance.now();
    this.notice(now);
    return now < this.leftoversUntil;
  }

  onApplicationBootstrap(): void {
    this.dueAt = performance.now() + sampleMs;
    this.timer = setInterval(() => this.sample(performance.now()), sampleMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.dueAt = Infinity;
  }

  private sample(now: number): void {
    this.notice(now);
    this.lagMs = Math.max(now - this.dueAt, this.lagMs * decay);
    this.dueAt = now + sampleMs;
  }

  private notice(now: number): void {
    if (now - this.dueAt > standstillMs) this.leftoversUntil = now + leftoversMs;
  }
}
