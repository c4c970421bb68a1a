export interface GateLimits {
  /** How many may be let in at the same time. */
  readonly maxParallel: number;
  /** How many may wait their turn. */
  readonly maxWaiting: number;
  /** How long one may wait, in milliseconds. */
  readonly maxWaitMs: number;
}

export interface GateTurn {
  /** Goes before all who have not begun: what was begun is to be finished first. */
  readonly isBegun: boolean;
  /** Asked when the turn comes: who has gone meanwhile takes none. */
  isWanted(): boolean;
}

/** No turn was to be had: too many wait, or it took too long. */
export class GateCrowded extends Error {
  override readonly name = 'GateCrowded';

  /** @param drainMs about how long those take who wait now, in milliseconds. */
  constructor(readonly drainMs: number) {
    super('Too many wait to be let in');
  }
}

/** Who waited has gone before the turn came. */
export class GateLeft extends Error {
  override readonly name = 'GateLeft';
}

interface Waiter {
  readonly turn: GateTurn;
  readonly go: () => void;
  readonly giveUp: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  hasLeft: boolean;
}

/** How much the last one counts in what one takes on average. */
const weight = 0.05;

/**
 * Lets a few in at a time and the others wait, in the order in which they came: thousands that come at once take as long as
 * they take, and leave what is behind the gate free for those who are in.
 */
export class HandshakeGate {
  private readonly begun: Waiter[] = [];
  private readonly fresh: Waiter[] = [];
  private waitingCount = 0;
  private running = 0;
  /** How long one takes on average, in milliseconds. */
  private workMs = 10;

  constructor(private readonly limits: GateLimits) {}

  /** How many wait their turn. */
  get waiting(): number {
    return this.waitingCount;
  }

  /** @throws GateCrowded, GateLeft, or what `work` throws. */
  async pass<T>(work: () => Promise<T>, turn: GateTurn): Promise<T> {
    if (this.running < this.limits.maxParallel) this.running++;
    else await this.wait(turn);
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.workMs += (performance.now() - startedAt - this.workMs) * weight;
      this.next();
    }
  }

  /** Resolves when it is this one's turn; the place is taken then. */
  private wait(turn: GateTurn): Promise<void> {
    if (this.waitingCount >= this.limits.maxWaiting) return Promise.reject(this.crowded());
    return new Promise((go, giveUp) => {
      const timer = setTimeout(() => {
        if (this.leave(waiter)) giveUp(this.crowded());
      }, this.limits.maxWaitMs);
      const waiter: Waiter = { turn, go, giveUp, timer, hasLeft: false };
      (turn.isBegun ? this.begun : this.fresh).push(waiter);
      this.waitingCount++;
    });
  }

  /** Gives the place to who waits longest, or back. */
  private next(): void {
    for (let waiter = this.first(); waiter; waiter = this.first()) {
      if (!this.leave(waiter)) continue;
      if (waiter.turn.isWanted()) return waiter.go();
      waiter.giveUp(new GateLeft());
    }
    this.running--;
  }

  private first(): Waiter | undefined {
    return this.begun.shift() ?? this.fresh.shift();
  }

  /** @returns false for one that has left before. */
  private leave(waiter: Waiter): boolean {
    if (waiter.hasLeft) return false;
    waiter.hasLeft = true;
    clearTimeout(waiter.timer);
    this.waitingCount--;
    return true;
  }

  private crowded(): GateCrowded {
    return new GateCrowded((this.waitingCount * this.workMs) / this.limits.maxParallel);
  }
}
